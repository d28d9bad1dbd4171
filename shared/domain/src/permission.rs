//! What people may do, as they are told: of their role, and with a work order. The database computes it from the rules that it
//! holds everyone to; here are the words.

use crate::words::words;

words! {
    /// What someone may do wherever they work, by their role.
    pub enum Permission in Function("permissions") {
        /// They see all warehouses, not one.
        SeeEveryWarehouse => "see_every_warehouse",
        /// They open work orders.
        ReportProblems => "report_problems",
        /// They tell others what to work on.
        PlanWork => "plan_work",
        /// Work can be given to them.
        DoWork => "do_work",
        /// They comment on what they see.
        Comment => "comment",
        /// They see parts and their stock.
        SeeStock => "see_stock",
        /// They open parts, and move stock as they like.
        KeepStock => "keep_stock",
        /// They open and change machines.
        OpenMachines => "open_machines",
        /// They say whether a machine runs.
        SetMachineStatus => "set_machine_status",
        /// They read meters.
        ReadMeters => "read_meters",
        /// They open and change vendors.
        OpenVendors => "open_vendors",
        /// They open and change templates.
        PlanMaintenance => "plan_maintenance",
        /// They open and change rules of escalation.
        RuleEscalation => "rule_escalation",
        /// They change settings and holidays.
        ChangeSettings => "change_settings",
        /// They read the audit log.
        SeeAuditLog => "see_audit_log",
        /// They open and change people.
        ManagePeople => "manage_people",
        /// They make and revoke API tokens.
        ManageTokens => "manage_tokens",
        /// They open warehouses.
        OpenWarehouses => "open_warehouses",
    }

    /// What someone may do with one work order now, beside its moves.
    pub enum Right in Function("standing_of") {
        /// Change what it is about: title, priority, due date …
        Edit => "edit",
        /// Change description, area, model and custom fields.
        Describe => "describe",
        /// Give it to someone.
        Assign => "assign",
        /// Give it to themselves.
        Take => "take",
        /// Say that they know of it.
        Acknowledge => "acknowledge",
        /// Change its crew, and which items its checklist has.
        Plan => "plan",
        /// Decide on items of its checklist.
        Check => "check",
        /// Log time that was worked.
        LogTime => "log_time",
        /// Start a clock.
        StartClock => "start_clock",
        /// Take parts for it, and give them back.
        UseParts => "use_parts",
        /// Reserve parts for it.
        Reserve => "reserve",
        /// Say how it is related to others.
        Relate => "relate",
        /// Comment on it.
        Comment => "comment",
        /// Attach files.
        Attach => "attach",
    }
}
