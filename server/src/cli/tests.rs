use super::*;

/// Every command that does something, with the words that lead to it.
fn leaves(command: clap::Command, words: &[String]) -> Vec<(Vec<String>, clap::Command)> {
    let children: Vec<_> = command.get_subcommands().cloned().collect();
    if children.is_empty() {
        return vec![(words.to_vec(), command)];
    }
    let below = |child: clap::Command| {
        let words = [words, &[child.get_name().to_owned()]].concat();
        leaves(child, &words)
    };
    children.into_iter().flat_map(below).collect()
}

/// The words of a line as a shell reads them, up to a pipe or a redirection.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    let stop = words
        .iter()
        .position(|word| matches!(word.as_str(), "|" | ">"));
    words.truncate(stop.unwrap_or(words.len()));
    words
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_examples_and_they_are_good() {
    for (path, command) in leaves(Cli::command(), &[]) {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let (_, examples) = help
            .split_once("Examples:\n")
            .unwrap_or_else(|| panic!("belfry {path:?} has no examples in its help"));
        for line in examples.lines() {
            assert!(line.len() <= 100, "{line} would be broken");
            let line = line.strip_prefix("  ").unwrap();
            let (_, line) = line.split_once("belfry ").unwrap();
            let words = words(line);
            assert!(words.starts_with(&path), "{line}");
            let given = std::iter::once("belfry".to_owned()).chain(words);
            if let Err(error) = Cli::command().try_get_matches_from(given) {
                panic!("belfry {line}: {error}");
            }
        }
    }
}
