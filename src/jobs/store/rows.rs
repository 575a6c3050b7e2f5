//! Rows turned into jobs and back.
