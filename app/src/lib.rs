//! What a person sees: pages, the frame around them, and the server functions they ask. Compiles for the server and for the browser.

// A page is one deeply nested type.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
mod asking;
pub mod audit;
pub mod backups;
pub mod directory;
pub mod error;
pub mod inventory;
pub mod members;
pub mod notifications;
pub mod overview;
pub mod queues;
pub mod rbac;
pub mod restores;
pub mod runs;
pub mod schedules;
pub mod session;
pub mod settings;
mod shell;
pub mod tenants;
pub mod ui;

use domain::preferences::{DateStyle, Looks, Theme};
pub use error::AppError;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};
pub use shell::{Assets, shell};

use crate::{
    audit::audit_page::AuditPage,
    backups::{
        add_page::AddPage, backups_page::BackupsPage, compare_page::ComparePage,
        drift_page::DriftPage, import_page::ImportPage, set_page::SetPage,
        version_page::VersionPage,
    },
    directory::groups_page::GroupsPage,
    inventory::{delete_page::DeletePage, inventory_page::InventoryPage},
    members::{invitation_page::InvitationPage, members_page::MembersPage},
    notifications::notifications_page::NotificationsPage,
    overview::overview_page::OverviewPage,
    queues::queues_page::QueuesPage,
    rbac::rbac_page::RbacPage,
    restores::{new_page::NewRestorePage, restore_page::RestorePage, restores_page::RestoresPage},
    runs::{
        bulk_page::BulkPage, bulk_report_page::BulkReportPage, export_page::ExportPage,
        handover_page::HandoverPage, run_page::RunPage, runs_page::RunsPage, views_page::ViewsPage,
    },
    schedules::schedules_page::SchedulesPage,
    session::sign_in_page::SignInPage,
    settings::settings_page::SettingsPage,
    tenants::{tenant_page::TenantPage, tenants_page::TenantsPage},
    ui::{
        frame::Frame,
        live::{WrittenAt, provide_stream},
        problem::NotFoundPage,
        ticker::provide_ticker,
        time::provide_clocks,
    },
};

/// Takes over in the browser what the server wrote.
#[cfg(feature = "hydrate")]
pub fn wake_up() {
    ui::waking::browser::wake_up(App);
}

/// The whole application: frame and routes.
///
/// Every route renders completely on the server (`Async`), so that pages work without JavaScript and answer with the right status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_stream(SharedValue::new(use_context::<WrittenAt>).into_inner());
    provide_ticker();
    // Sent along with the page, so that the browser writes the same times and names as the server did.
    let looks = SharedValue::new(|| {
        use_context::<Looks>()
            .unwrap_or_else(|| Looks::anonymous(Theme::System, DateStyle::Language))
    })
    .into_inner();
    provide_clocks(looks.zones, looks.dates);
    provide_context(looks.run_columns);
    view! {
        <Title formatter=|page| format!("{page} · TenantAtlas") />
        <Router>
            <Frame signed_in=looks.signed_in shortcuts=looks.shortcuts>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/views") view=ViewsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/export") view=ExportPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/bulk") view=BulkPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/bulk/:batch") view=BulkReportPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:id") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/handover/:token") view=HandoverPage ssr=SsrMode::Async />
                    <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                    <Route path=path!("/queues") view=QueuesPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/invitations/:token") view=InvitationPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants") view=TenantsPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id") view=TenantPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/inventory") view=InventoryPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/inventory/delete") view=DeletePage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/schedules") view=SchedulesPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/groups") view=GroupsPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/members") view=MembersPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/rbac") view=RbacPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups") view=BackupsPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups/compare") view=ComparePage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups/import") view=ImportPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups/versions/:version") view=VersionPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups/:set") view=SetPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/backups/:set/add") view=AddPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/drift") view=DriftPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/restores") view=RestoresPage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/restores/new") view=NewRestorePage ssr=SsrMode::Async />
                    <Route path=path!("/tenants/:id/restores/:restore") view=RestorePage ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
