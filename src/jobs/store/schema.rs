//! The tables, as migrations: each one is applied once, in this order, and none is ever changed.
