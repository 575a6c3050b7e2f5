//! The worker against a ledger in memory: real files, real news of the system, no service.

mod bench;
mod ending;
mod memory;
mod prune;
mod standing;
mod storm;
mod taking;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use super::super::away::Reason;
use super::super::ledger::{Fate, Files, Took};
use super::*;
use crate::error::{Error, Result};
use crate::jobs::store::TakenState;
use crate::service::wire::{NewJob, WatchView};
use crate::settings::config::{Input, Look, Rule};

use bench::Bench;
use memory::Memory;
