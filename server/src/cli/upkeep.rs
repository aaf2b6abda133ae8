//! `belfry backup`, `belfry restore` and `belfry check`.

use super::CliError;
use super::output::print;
use crate::clock::Clock;
use crate::config::DataArgs;
use crate::service::upkeep::{self, Checked};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
The copy holds everything that was posted before it began, with its files, in one file that belongs to its owner alone. It is checked \
before it appears under its name.

Examples:
  belfry backup /mnt/nas/belfry.db
  belfry backup --force --data-dir /var/lib/belfry /mnt/nas/belfry.db")]
pub(super) struct BackupArgs {
    /// File to write
    file: PathBuf,
    /// Overwrite the file when it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Stop the server first. What was there is kept beside it. Everybody signs in again, and readers load \
their lists anew; access tokens are as they were when the copy was made.

Examples:
  belfry restore /mnt/nas/belfry.db --data-dir /var/lib/belfry")]
pub(super) struct RestoreArgs {
    /// File that belfry backup wrote
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn backup(args: BackupArgs) -> Result<(), CliError> {
    let copied = upkeep::back_up(&args.data.data_dir, &args.file, args.force).await?;
    print([format!("{}: {}", args.file.display(), extent(&copied))])
}

pub(super) async fn restore(args: RestoreArgs) -> Result<(), CliError> {
    let done = upkeep::put_back(&args.data.data_dir, &args.file, &Clock::System).await?;
    let database = done.database.map(|path| path.display().to_string());
    let files = done.files.map(|path| path.display().to_string());
    let said = [
        Some(format!("{} is in place", args.file.display())),
        database.map(|path| format!("the database of before is {path}")),
        files.map(|path| format!("its files are in {path}")),
        (done.lost > 0).then(|| {
            let lost = done.lost;
            format!(
                "{lost} files are lost: this copy holds none, and they are not in the data folder"
            )
        }),
    ];
    print(said.into_iter().flatten())
}

pub(super) async fn check(args: DataArgs) -> Result<(), CliError> {
    let checked = upkeep::check(&args.data_dir).await?;
    if checked.findings.is_empty() {
        let unowned = (checked.unowned > 0).then(|| {
            let unowned = checked.unowned;
            format!("{unowned} files belong to no notification: they are arriving, or a server removes them")
        });
        let whole = format!("whole: {}", extent(&checked));
        return print(std::iter::once(whole).chain(unowned));
    }
    let count = checked.findings.len();
    print(checked.findings)?;
    let dir = args.data_dir.display();
    Err(CliError::Input(format!(
        "the data in {dir} is not whole ({count} findings): put a backup back with belfry restore"
    )))
}

fn extent(checked: &Checked) -> String {
    let (notifications, events, head) = (checked.notifications, checked.events, checked.head);
    let files = checked.files;
    format!("{notifications} notifications, {files} files, {events} events, the newest is {head}")
}
