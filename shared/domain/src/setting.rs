//! Settings: what can be set, for everyone or for one warehouse. What each holds is the database's to check.

/// The keys of settings as clients write them.
pub const KEYS: [&str; 5] = [
    "file_upload_max_size",
    "auto_archive_completed_wo_days",
    "default_pm_lead_time_days",
    "qr_code_base_url",
    "escalation_max_open_work_orders",
];
