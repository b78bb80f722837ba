/// yup-oauth2 logs tokens, requests and replies at debug level. Nothing of `log` is compiled into
/// this program, so no level and no logger can bring them back.
#[test]
fn no_record_of_log_is_compiled_in() {
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Off);
}
