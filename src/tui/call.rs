//! What the service answers.

use std::sync::Arc;

use image::RgbImage;

use crate::client::Thumbnail;
use crate::service::wire::{
    Capabilities, CheckView, FacesView, FilesView, Findings, Health, ImportedView, JobDetail,
    JobPage, JobView, MetersView, ModelView, ProfileDetail, ProfileView, PullView, RemovedView,
    ServiceView, VerifiedView, WatchView,
};

/// An answer of the service.
#[derive(Debug)]
#[allow(missing_docs)] // Named after what was asked.
pub enum Answer {
    Nothing,
    Jobs(JobPage),
    Job(Box<JobView>),
    Detail(Box<JobDetail>),
    Text(String),
    Service(Box<ServiceView>),
    Meters(Box<MetersView>),
    Health(Box<Health>),
    Capabilities(Box<Capabilities>),
    Watches(Vec<WatchView>),
    Watch(Box<WatchView>),
    Lines(Vec<String>),
    Models(Vec<ModelView>),
    Model(Box<ModelView>),
    Pull(Box<PullView>),
    Profiles(Vec<ProfileView>),
    Profile(Box<ProfileDetail>),
    Files(Box<FilesView>),
    About(Box<Thumbnail>),
    Faces(Box<FacesView>),
    Preview { faces: u64, picture: Arc<RgbImage> },
    Verified(Box<VerifiedView>),
    Removed(Box<RemovedView>),
    Imported(Vec<ImportedView>),
    Checked(Box<CheckView>),
    Findings(Box<Findings>),
}
