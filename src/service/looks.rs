//! Looking without a job: who is in a picture, and how one frame would come out.
