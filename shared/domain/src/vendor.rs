//! Vendors and their documents: the words they are described in.

use crate::words::words;

words! {
    /// The service of a vendor.
    pub enum VendorKind in Enum("vendor_kind") {
        /// Sells parts.
        Supplier => "supplier",
        /// Sends people who work here.
        Contractor => "contractor",
    }

    /// A paper of a vendor that may expire.
    pub enum DocumentKind in Enum("document_kind") {
        /// A proof of what someone is able to do.
        Certification => "certification",
        /// A proof of insurance.
        Insurance => "insurance",
        /// An agreement with us.
        Contract => "contract",
        /// A permission by an authority.
        Licence => "licence",
        /// Something else.
        Other => "other",
    }
}
