//! Conformance: one set of scenarios, played against the sandbox and against a real API server.
//!
//! Every scenario runs the real `rbacform`, and looks at the world through a client of its own.
//! What differs between the two is a bug in the sandbox. The real server takes part where
//! `tests/control-plane/build` has built it; with `CI=true` it must be there.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what fails must fail the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod adoption;
mod aggregation;
mod alike;
mod assertions;
mod canaries;
mod drift;
mod job;
mod lifecycle;
mod logins;
mod manifests;
mod moves;
mod namespaces;
mod needs;
mod older;
mod partial;
mod pinned_world;
mod preflight;
mod recovery;
mod refusals;
mod replacement;
mod repositories;
mod requests;
mod restricted;
mod saved_plan;

/// Makes two tests of each scenario: one for each world.
macro_rules! scenarios {
    ($($module:ident: $($scenario:ident)+;)+) => {
        mod sandbox {
            $($(
                #[test]
                fn $scenario() {
                    let name = stringify!($scenario);
                    crate::$module::$scenario(&crate::support::scene::Scene::on_sandbox(name));
                }
            )+)+
        }

        mod control_plane {
            $($(
                #[test]
                fn $scenario() {
                    let name = stringify!($scenario);
                    if let Some(scene) = crate::support::scene::Scene::on_control_plane(name) {
                        crate::$module::$scenario(&scene);
                    }
                }
            )+)+
        }
    };
}

scenarios! {
    lifecycle:
        the_life_of_a_namespace
        the_life_of_a_service_account
        the_life_of_a_role
        the_life_of_a_cluster_role
        the_life_of_a_role_binding
        the_life_of_a_cluster_role_binding;
    access:
        a_role_changes_through_bindings_of_others
        aggregation_ripples_to_those_who_hold_the_whole
        access_that_somebody_has_anyway_is_not_told
        a_namespace_takes_its_bindings_along
        questions_read_the_namespaces_of_their_stacks
        what_may_not_be_read_cannot_be_told
        a_change_of_access_reads_each_kind_once;
    adoption:
        default_service_account_is_adopted_and_stays
        default_service_account_of_a_new_namespace_is_ours
        foreign_object_stops_the_plan_until_it_is_adopted
        object_that_came_after_the_plan_is_not_overwritten
        marked_object_that_state_lost_is_adopted;
    aggregation:
        aggregated_rules_are_never_ours
        ripples_of_aggregation_are_no_drift;
    assertions:
        what_others_grant_breaks_an_assertion
        the_servers_own_word_counts
        the_version_is_asked_where_an_assertion_depends_on_it;
    canaries:
        no_secret_is_ever_written
        no_secret_is_told_in_failures;
    drift:
        drift_names_who_changed_it
        drift_writes_nothing
        foreign_labels_are_no_drift
        lost_mark_is_drift_and_comes_back
        unmanaged_bindings_are_listed
        ignored_changes_stay;
    logins:
        token_login
        exec_plugin_login
        exec_plugin_that_fails_says_so
        expired_token_says_so
        unreachable_server_says_so
        named_context_wins;
    manifests:
        printed_article_dangles_and_is_found
        plain_yaml_lives_like_any_resource;
    moves:
        renamed_address_sends_nothing
        renamed_address_with_a_change_is_one_write
        state_mv_renames_without_asking_anybody;
    namespaces:
        abandoned_namespace_loses_its_marks
        terminating_namespace_is_told
        destroy_removes_everything;
    partial:
        independent_branches_go_on
        fixing_the_cause_goes_on_from_there;
    pinned_world:
        another_cluster_under_the_same_context_is_refused
        lost_state_is_not_guessed;
    needs:
        nothing_that_a_stack_needs_can_be_left_out
        what_assertions_list_is_needed;
    preflight:
        what_the_preflight_says_to_grant_is_enough
        saved_plan_is_judged_for_whoever_applies_it
        what_a_stack_needs_is_enough_for_its_life
        whoever_would_lock_themselves_out_is_stopped;
    recovery:
        lost_state_is_rebuilt_from_the_marks
        torn_state_is_rebuilt_with_what_its_backup_tells
        state_that_is_not_lost_stays_unless_forced
        lineages_of_two_repositories_are_told_apart
        nothing_is_recovered_where_nothing_is_marked;
    refusals:
        escalation_is_refused_in_the_servers_words
        missing_namespace_is_told
        prevent_destroy_holds
        mass_revocation_needs_a_word
        without_yes_nothing_is_applied;
    replacement:
        replaced_role_ref_leaves_no_gap
        replaced_cluster_role_ref_leaves_no_gap
        foreign_object_with_the_bridges_name_stays;
    repositories:
        two_repositories_with_one_stack_name_keep_apart
        environments_keep_apart;
    requests:
        requests_of_a_mixed_stack_are_exact
        requests_of_a_replacement_are_exact
        narrow_stacks_ask_narrowly
        requests_of_a_saved_plan_are_exact
        requests_of_a_verified_apply_are_exact;
    restricted:
        namespaced_identity_falls_back_to_its_namespace
        identity_without_lists_falls_back_to_gets
        unreadable_kube_system_pins_by_address
        namespace_that_may_only_be_got_is_managed
        role_that_may_not_be_read_spoils_no_plan;
    saved_plan:
        saved_plan_is_what_is_applied
        saved_plan_is_stale_after_a_compared_change
        saved_plan_stands_foreign_labels
        saved_plan_stands_aggregation
        saved_plan_is_stale_after_another_apply
        saved_plan_is_stale_with_other_inputs
        saved_plan_of_another_cluster_is_refused
        saved_plan_of_a_target_does_only_that
        saved_refresh_lets_state_learn;
}

/// The sandbox serves plain HTTP, which knows no client certificates.
#[test]
fn client_certificate_login_on_the_control_plane() {
    let name = "client_certificate_login";
    if let Some(scene) = support::scene::Scene::on_control_plane(name) {
        logins::client_certificate_login(&scene);
    }
}
