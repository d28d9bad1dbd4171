//! A warehouse of a test's own, with people of its own: nobody else writes there.

use uuid::Uuid;

use crate::Api;

/// A warehouse with a technician, a supervisor and a requester.
pub struct Site {
    /// Its id.
    pub warehouse: String,
    /// Makes names of this site unlike all others.
    pub mark: String,
}

impl Site {
    /// Builds one in Amsterdam's time zone.
    ///
    /// # Panics
    /// If the database refuses.
    #[must_use]
    pub fn build(api: &Api) -> Self {
        let mark = Uuid::new_v4().simple().to_string().split_off(22).to_uppercase();
        let mut database = api.stack.connect().expect("the database");
        database
            .batch_execute(&format!(
                "with w as (insert into public.warehouses (code, name, time_zone)
                   values ('{mark}', 'Site {mark}', 'Europe/Amsterdam') returning id)
                 insert into public.profiles (email, full_name, role, warehouse_id)
                   select lower(role || '.{mark}@demo.test'), 'The ' || role, role::public.user_role, w.id
                   from w, unnest(array['technician', 'supervisor', 'requester', 'contractor', 'inventory_clerk']) role"
            ))
            .expect("a new site");
        Self { warehouse: api.ask(&format!("select id from public.warehouses where code = '{mark}'")), mark }
    }

    /// The address of one of its people, by their role.
    #[must_use]
    pub fn email(&self, role: &str) -> String {
        format!("{role}.{}@demo.test", self.mark).to_lowercase()
    }

    /// The id of one of its people, by their role.
    #[must_use]
    pub fn person(&self, api: &Api, role: &str) -> String {
        api.ask(&format!("select id from public.profiles where email = '{}'", self.email(role)))
    }

    /// A token of one of its people, by their role.
    #[must_use]
    pub fn token(&self, api: &Api, role: &str) -> String {
        api.token(&self.email(role))
    }

    /// Gives one of its people a password, and answers with their address.
    ///
    /// # Panics
    /// If the database refuses.
    #[must_use]
    pub fn give_password(&self, api: &Api, role: &str, password: &str) -> String {
        let statement = "insert into private.credentials (profile_id, password_hash)
            select id, private.password_hash($2) from public.profiles where email = $1";
        let mut database = api.stack.connect().expect("the database");
        database.execute(statement, &[&self.email(role), &password]).expect("a password");
        self.email(role)
    }

    /// Signs one of its people in, as a client does, and answers with their token.
    ///
    /// # Panics
    /// If the API refuses.
    #[must_use]
    pub fn sign_in(&self, api: &Api, role: &str) -> String {
        let email = self.give_password(api, role, "a password of theirs");
        let session = api.sign_in(&email, "a password of theirs").expect(200);
        session["access_token"].as_str().expect("a token").to_owned()
    }

    /// Lets whoever scans a label of it report problems.
    pub fn takes_reports(&self, api: &Api) {
        api.tell(&format!(
            "update public.warehouses set public_reports = true where id = '{}'",
            self.warehouse
        ));
    }

    /// The number of its work orders, in the database.
    #[must_use]
    pub fn work_orders(&self, api: &Api) -> String {
        api.ask(&format!("select count(*) from public.work_orders where warehouse_id = '{}'", self.warehouse))
    }
}
