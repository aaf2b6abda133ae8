//! Points at which a test has the server fail. They exist with the feature `failpoints` alone, which nothing that ships
//! has; without it, passing one is nothing.

/// Where the way of a notification can be cut. Only what writes events passes here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Point {
    /// Everything is written, and nothing of it is durable.
    BeforeCommit,
    /// It is durable, and nobody knows.
    AfterCommit,
    /// Whoever asks is told, and nobody has been woken.
    BeforeWake,
    /// Subscribers are told, the publisher is not.
    BeforeAnswer,
}

#[cfg(feature = "failpoints")]
pub(crate) use armed::{arm, may_fail, pass};

#[cfg(not(feature = "failpoints"))]
pub(crate) use disarmed::{arm, may_fail, pass};

#[cfg(feature = "failpoints")]
mod armed {
    use super::Point;
    use rustix::process::{Signal, getpid, kill_process};
    use std::future::pending;
    use std::io::{Error, Result};

    /// What happens at a point.
    enum Fault {
        /// The process is gone, as after `kill -9`.
        Kill,
        /// Nothing goes on from here.
        Stall,
        /// The system reports an error, where it can.
        Io,
    }

    impl Point {
        fn name(self) -> &'static str {
            match self {
                Self::BeforeCommit => "before-commit",
                Self::AfterCommit => "after-commit",
                Self::BeforeWake => "before-wake",
                Self::BeforeAnswer => "before-answer",
            }
        }

        /// What the test wants to happen this time.
        fn fault(self) -> Option<Fault> {
            fail::fail_point!(self.name(), |fault| match fault.as_deref() {
                Some("kill") => Some(Fault::Kill),
                Some("stall") => Some(Fault::Stall),
                Some("io") => Some(Fault::Io),
                unknown => panic!("{unknown:?} is no fault"),
            });
            None
        }
    }

    /// Takes what is to happen from the variable `FAILPOINTS`, as the crate `fail` reads it: `after-commit=3*off->return(kill)`
    /// kills at the fourth time. It holds for as long as the process lives.
    pub(crate) fn arm() {
        std::mem::forget(fail::FailScenario::setup());
    }

    /// Passes a point.
    pub(crate) async fn pass(point: Point) {
        let _there_is_no_error_here = may_fail(point).await;
    }

    /// Passes a point at which the system can report an error.
    ///
    /// # Errors
    /// When the test wants one.
    pub(crate) async fn may_fail(point: Point) -> Result<()> {
        match point.fault() {
            None => Ok(()),
            Some(Fault::Io) => Err(Error::other("injected")),
            Some(Fault::Stall) => pending().await,
            Some(Fault::Kill) => {
                kill_process(getpid(), Signal::KILL)?;
                pending().await
            }
        }
    }
}

#[cfg(not(feature = "failpoints"))]
mod disarmed {
    use super::Point;
    use std::io::Result;

    pub(crate) fn arm() {}

    pub(crate) async fn pass(_: Point) {}

    pub(crate) async fn may_fail(_: Point) -> Result<()> {
        Ok(())
    }
}
