//! Pictures are made in code, but for those of other programs ([`foreign`]), which are fixtures.
//!
//! [`samples`] makes them, the other files ask one question each.

mod colours;
mod foreign;
mod hostile;
mod kinds;
mod lenient;
mod limits;
mod metadata;
mod samples;
mod sizes;
mod turning;

use super::{Header, MemoryBudget, PictureError, Renditions};

/// Processes a file as the function does, in its order and with the default budget.
fn process(file: &[u8]) -> Result<(Header, Vec<u8>, Renditions), PictureError> {
    let header = super::inspect(file)?;
    let clean = super::clean(file, &header)?;
    let renditions = super::render(file, &header, MemoryBudget::PER_PICTURE)?;
    Ok((header, clean, renditions))
}
