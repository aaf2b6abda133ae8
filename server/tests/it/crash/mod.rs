//! The real server, ended as power cuts and operators end it: nothing that was acknowledged is lost, and no reader sees a
//! gap, a repeat or another order (ARCHITECTURE.md, promises 1 to 3).

mod failpoints;
mod kill;
mod restart;
mod terminate;
