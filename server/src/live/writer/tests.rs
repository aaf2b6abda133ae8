//! Turns: nobody at the writer's door waits for ever.

use super::*;
use crate::clock::Clock;
use crate::live::Tuning;
use crate::store::Store;
use std::time::Duration;

/// A publisher who never pauses: whenever it is its turn, it waits again already.
struct Restless(Writer);

#[async_trait]
impl Operation for Restless {
    type Output = ();

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (answer, _nobody) = oneshot::channel();
        let again = Pending {
            operation: Self(self.0.clone()),
            output: None,
            answer,
        };
        // Refused when the writer stops: that ends it.
        let _stopping = self.0.queue.try_send(Box::new(again));
        Ok(())
    }
}

#[tokio::test]
async fn what_others_write_is_seen_while_publishers_never_pause() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).await.expect("a store");
    let stop = CancellationToken::new();
    let live = Live::open(store, Clock::System, Tuning::default(), stop.clone());
    let live = live.await.expect("a log");
    let (writer, task) = Writer::start(live, stop.clone()).await.expect("a writer");
    let begun = writer.write(Restless(writer.clone())).await;
    begun.expect("a first turn");
    let seen = tokio::time::timeout(Duration::from_secs(30), writer.look()).await;
    seen.expect("a look gets its turn");
    stop.cancel();
    task.await.expect("the writer ends");
}
