//! Programs that others wrote, with our server: what they take for granted must be so.

mod sse;
