use super::*;
use clap::{ArgMatches, FromArgMatches};
use ipnet::IpNet;
use std::path::Path;

/// All settings with `text` as the file, which must be good.
fn matched(args: &[&str], text: &str) -> (ArgMatches, SettingsFile) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("belfry.toml");
    std::fs::write(&path, text).unwrap();
    let file = SettingsFile::find(Some(&path)).unwrap().unwrap();
    let bare = || settings().mut_args(|argument| argument.env(None::<&str>));
    let matches = bare().try_get_matches_from(args).unwrap();
    let command = file.under(bare(), &matches);
    (command.try_get_matches_from(args).unwrap(), file)
}

fn config(args: &[&str], text: &str) -> Config {
    Config::from_arg_matches(&matched(args, text).0).unwrap()
}

/// The complaint about a file.
fn complaint(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.toml");
    std::fs::write(&path, text).unwrap();
    let error = SettingsFile::find(Some(&path)).unwrap_err().to_string();
    error.replace(&format!("{}:", path.display()), "")
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let text = "listen = \"127.0.0.1:4000\"\nstreams-per-user = 5\ntrusted-proxy = [\"10.0.0.1\", \"10.1.0.0/16\"]\n";
    let config = config(&["--streams-per-user", "7"], text);
    assert_eq!((config.listen.port(), config.streams_per_user), (4000, 7));
    let proxies = ["10.0.0.1/32", "10.1.0.0/16"].map(|text| text.parse::<IpNet>().unwrap());
    assert_eq!(config.trusted_proxies, proxies);
    assert_eq!(config.connections_per_address, 2048);
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line_and_what_would_be_right() {
    insta::assert_snapshot!(complaint("\nlissten = 1"), @r#"2: unknown key "lissten": did you mean "listen"?"#);
    insta::assert_snapshot!(complaint("streams_per_user = 1"), @r#"1: unknown key "streams_per_user": did you mean "streams-per-user"?"#);
    insta::assert_snapshot!(complaint("wibble = 1"), @r#"1: unknown key "wibble": belfry config default lists those that there are"#);
    insta::assert_snapshot!(complaint("log = \"info\"\nlisten = 1\n\nlog-format = \"xml\""), @r#"
    2: listen: "1" invalid socket address syntax
    4: log-format: "xml" must be one of text, json
    "#);
    insta::assert_snapshot!(complaint("streams-per-user = [1]"), @"1: streams-per-user: must be a text or a number");
    insta::assert_snapshot!(complaint("trusted-proxy = [\"x\"]"), @r#"1: trusted-proxy: "x" must be an address or a network such as 10.0.0.0/8"#);
    insta::assert_snapshot!(complaint("public-url = \"bell.example.org\""), @r#"1: public-url: "bell.example.org" must be an address such as https://bell.example.org"#);
    insta::assert_snapshot!(complaint("[serve]\nlisten = 1"), @r#"1: unknown key "serve": belfry config default lists those that there are"#);
    assert!(complaint("listen = ").starts_with("1: "));
}

#[test]
fn the_defaults_as_a_file_name_every_setting_and_change_nothing() {
    let text = default_file();
    for setting in settings().get_arguments() {
        let key = key(setting).unwrap();
        assert!(text.contains(&format!("\n#{key} = ")), "{key}\n{text}");
        let variable = format!("BELFRY_{}", key.to_uppercase().replace('-', "_"));
        assert_eq!(
            setting.get_env().unwrap(),
            variable.as_str(),
            "contract, section 1"
        );
        assert!(text.contains(&variable));
    }
    // Those that have a default, taken for settings.
    let has_default = |line: &str| {
        settings().get_arguments().any(|setting| {
            let key = key(setting).unwrap();
            !setting.get_default_values().is_empty() && line.starts_with(&format!("#{key} = "))
        })
    };
    let lines = text.lines().filter(|line| has_default(line));
    let set: String = lines.map(|line| format!("{}\n", &line[1..])).collect();
    assert!(set.lines().count() >= 6, "{set}");
    let defaults = Config::defaults(Path::new("data")).unwrap();
    assert_eq!(format!("{:?}", config(&[], &set)), format!("{defaults:?}"));
    assert_eq!(format!("{:?}", config(&[], &text)), format!("{defaults:?}"));
}

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let text = "token = \"bf_secret\"\nlog = \"debug\"\npublic-url = \"https://a\"";
    let (matches, file) = matched(&["--public-url", "https://b"], text);
    let all = shown(&matches, Some(&file));
    assert_eq!(all.len(), settings().get_arguments().count());
    let of = |key: &str| {
        let found = all.iter().find(|shown| shown.key == key).unwrap();
        (found.value.as_deref(), found.origin.clone())
    };
    let from_file = Origin::File(file.path().to_owned());
    assert_eq!(of("token"), (Some("(hidden)"), from_file.clone()));
    assert_eq!(of("log"), (Some("debug"), from_file));
    assert_eq!(of("public-url"), (Some("https://b"), Origin::Flag));
    assert_eq!(of("listen"), (Some("127.0.0.1:3000"), Origin::Default));
    assert_eq!(of("publish-limit"), (None, Origin::Default));
}

#[test]
fn a_token_that_is_given_stands_in_for_the_file_s() {
    let client =
        |args: &[&str], text: &str| ClientArgs::from_arg_matches(&matched(args, text).0).unwrap();
    let given = client(&["--token", "bf_a"], "token-file = \"/nowhere\"");
    assert_eq!(given.token().unwrap(), "bf_a");
    let both = client(&[], "token-file = \"/nowhere\"\ntoken = \"bf_b\"");
    assert!(matches!(both.token(), Err(ConfigError::TwoTokens)));
    assert!(matches!(client(&[], "").token(), Err(ConfigError::NoToken)));
}

#[test]
fn tls_needs_both_of_its_files_wherever_they_are_named() {
    assert_eq!(
        config(&["--tls-key", "k"], "").tls().unwrap_err(),
        TlsFilesMissing
    );
    let files = config(&["--tls-key", "k"], "tls-cert = \"c\"")
        .tls()
        .unwrap();
    assert_eq!(files.unwrap().cert, Path::new("c"));
}

#[test]
fn the_public_address_is_an_origin() {
    let origin = server::origin;
    assert_eq!(
        origin("https://Bell.example.org/").unwrap(),
        "https://bell.example.org"
    );
    for bad in ["bell.example.org", "https://", "https://a/b", "ftp://a"] {
        assert!(origin(bad).is_err(), "{bad}");
    }
}
