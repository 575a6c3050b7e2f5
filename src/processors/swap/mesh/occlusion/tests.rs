//! Occlusion on real portraits.
