//! The files around the coded pixels: reading their headers and writing them again without
//! metadata. No pixel is decoded here, and the coded pixels are copied as they are.

pub(super) mod jpeg;
pub(super) mod png;
mod segments;
pub(super) mod webp;
