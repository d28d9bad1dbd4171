//! The memory of this isolate's module.

/// In bytes. A module's memory grows and never shrinks, so this is also the most it ever had.
#[must_use]
pub fn size() -> u64 {
    #[cfg(target_arch = "wasm32")]
    {
        const PAGE: u64 = 65_536;
        PAGE * core::arch::wasm32::memory_size::<0>() as u64
    }
    #[cfg(not(target_arch = "wasm32"))]
    0
}
