//! The process around the service: one for each home, detached, with a log, ended by signals.
