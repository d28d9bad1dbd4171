//! Settings, for everyone or for one warehouse. The database checks their values.

use crate::words::words;

words! {
    /// The key of a setting.
    pub enum SettingKey in Enum("setting_key") {
        /// The largest upload, in bytes.
        FileUploadMaxSize => "file_upload_max_size",
        /// The days after its end at which a work order leaves the lists.
        AutoArchiveCompletedWoDays => "auto_archive_completed_wo_days",
        /// The days before its date at which preventive work is generated, if its template says nothing.
        DefaultPmLeadTimeDays => "default_pm_lead_time_days",
        /// The address that labels lead to.
        QrCodeBaseUrl => "qr_code_base_url",
        /// The number of open work orders at which someone is given no further one by an escalation.
        EscalationMaxOpenWorkOrders => "escalation_max_open_work_orders",
    }
}
