//! What a role may do, as it is told, is what the database lets its people do.

use crate::scene::{Scene, become_someone, told, tried, words};
use anyhow::Result;
use millwright_domain::permission::Permission;
use serde_json::json;

#[test]
fn what_a_role_is_told_to_be_allowed_is_what_its_people_can_do() -> Result<()> {
    let mut scene = Scene::open()?;
    let (home, away) = (scene.warehouse, scene.world.warehouse("UTC")?);
    let machine = scene.world.machine(home)?;
    let meter = json!({"equipment_id": machine, "warehouse_id": home, "name": "Hours", "unit": "hours"});
    let meter = scene.world.insert("meters", &meter)?;
    scene.world.insert("parts", &json!({"part_number": "P-1", "name": "Belt", "warehouse_id": home}))?;
    scene.world.machine(away)?;
    let mark = scene.world.name.clone();
    let mut wrong = Vec::new();
    for person in scene.people.clone() {
        let id = person.id;
        // A work order that everyone sees who could see any.
        let order = json!({"requested_by": id, "assigned_to": (person.role == "contractor").then_some(id)});
        let order = scene.world.work_order(home, &order)?;
        let mut transaction = scene.world.sql.transaction()?;
        let can_be_assigned =
            told(&mut transaction, &format!("private.can_be_assigned('{id}', '{home}')"))? == true;
        become_someone(&mut transaction, id)?;
        let permissions = told(
            &mut transaction,
            &format!("select p.permissions from public.profiles p where p.id = '{id}'"),
        )?;
        let mut can = Vec::new();
        for permission in Permission::ALL {
            let statement = match permission {
                Permission::SeeEveryWarehouse => format!("select from public.warehouses where id = '{away}'"),
                Permission::ReportProblems => format!(
                    "insert into public.work_orders (type, title, warehouse_id) values ('corrective', 'Tried', '{home}')"
                ),
                Permission::PlanWork => format!(
                    "insert into public.work_orders (type, title, warehouse_id, assigned_to)
                     select 'preventive', 'Tried', '{home}', p.id from public.profiles p
                       where p.role = 'supervisor' and p.warehouse_id = '{home}'"
                ),
                Permission::DoWork => {
                    if can_be_assigned {
                        can.push(permission.word().to_owned());
                    }
                    continue;
                }
                Permission::Comment => {
                    format!("insert into public.comments (work_order_id, body) values ('{order}', 'Tried')")
                }
                Permission::SeeStock => format!("select from public.parts where warehouse_id = '{home}'"),
                Permission::KeepStock => format!(
                    "insert into public.parts (part_number, name, warehouse_id) values ('{mark}', 'Tried', '{home}')"
                ),
                Permission::OpenMachines => format!(
                    "insert into public.equipment (asset_tag, name, model, warehouse_id) values ('{mark}', 'Tried', 'T', '{home}')"
                ),
                Permission::SetMachineStatus => {
                    format!("update public.equipment set status = 'inactive' where id = '{machine}'")
                }
                Permission::ReadMeters => {
                    format!("insert into public.meter_readings (meter_id, value) values ('{meter}', 1)")
                }
                Permission::OpenVendors => format!(
                    "insert into public.vendors (name, kind, warehouse_id) values ('{mark}', 'supplier', '{home}')"
                ),
                Permission::PlanMaintenance => format!(
                    "insert into public.pm_templates (title, equipment_model, warehouse_id, rrule, starts_on, active)
                     values ('Tried', '{mark}', '{home}', 'FREQ=DAILY', '2027-01-01', false)"
                ),
                Permission::RuleEscalation => format!(
                    "insert into public.escalation_rules (name, warehouse_id, timeout_minutes, steps, active)
                     values ('{mark}', '{home}', 60, '[{{\"action\": \"notify_supervisor\", \"wait_minutes\": 0}}]', false)"
                ),
                Permission::ChangeSettings => format!(
                    "insert into public.settings (key, warehouse_id, value) values ('default_pm_lead_time_days', '{home}', '3')"
                ),
                Permission::SeeAuditLog => "select from public.audit_log limit 1".to_owned(),
                Permission::ManagePeople => format!(
                    "insert into public.profiles (email, full_name, role, warehouse_id)
                     values ('{mark}@contract.test', 'Tried', 'technician', '{home}')"
                ),
                Permission::ManageTokens => format!(
                    "insert into public.api_tokens (name, role, warehouse_id) values ('{mark}', 'technician', '{home}')"
                ),
                Permission::OpenWarehouses => {
                    "insert into public.warehouses (code, name, time_zone) values ('TRIED-1', 'Tried', 'UTC')".to_owned()
                }
            };
            if tried(&mut transaction, &statement)? > 0 {
                can.push(permission.word().to_owned());
            }
        }
        can.sort_unstable();
        if words(&permissions) != can {
            wrong.push(format!("{} is told {:?}, and can {can:?}", person.role, words(&permissions)));
        }
        transaction.rollback()?;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
