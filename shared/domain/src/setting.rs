//! Settings: what can be set, for everyone or for one warehouse. What each holds is the database's to check.

use crate::words::words;

words! {
    /// Something that can be set.
    pub enum SettingKey in Enum("setting_key") {
        /// How large an upload may be, in bytes.
        FileUploadMaxSize => "file_upload_max_size",
        /// How many days after its end a work order leaves the lists.
        AutoArchiveCompletedWoDays => "auto_archive_completed_wo_days",
        /// How many days before its date preventive work is generated, where its template says nothing.
        DefaultPmLeadTimeDays => "default_pm_lead_time_days",
        /// The address that labels lead to.
        QrCodeBaseUrl => "qr_code_base_url",
        /// How many open work orders someone may have and still be given another one by an escalation.
        EscalationMaxOpenWorkOrders => "escalation_max_open_work_orders",
    }
}
