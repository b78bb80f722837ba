//! What Google would refuse, or no person means, with its place.

use crate::source::{resolve, told};

/// Type, its arguments, and what is said.
const CASES: &[(&str, &str, &[&str])] = &[
    // service accounts
    (
        "service_account",
        r#"account_id = "bot""#,
        &[
            r#"invalid-account-id at "bot": `bot` cannot be a service account's id (an id has 6 to 30 characters, this one 3)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "Trainer""#,
        &[
            r#"invalid-account-id at "Trainer": `Trainer` cannot be a service account's id (use lower-case letters, digits and `-`, beginning with a letter and not ending with `-`)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer-""#,
        &[
            r#"invalid-account-id at "trainer-": `trainer-` cannot be a service account's id (use lower-case letters, digits and `-`, beginning with a letter and not ending with `-`)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "1trainer""#,
        &[
            r#"invalid-account-id at "1trainer": `1trainer` cannot be a service account's id (use lower-case letters, digits and `-`, beginning with a letter and not ending with `-`)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer@acme-ml.iam.gserviceaccount.com""#,
        &[
            r#"invalid-account-id at "trainer@acme-ml.iam.gserviceaccount.com": `trainer@acme-ml.iam.gserviceaccount.com` cannot be a service account's id (write only what stands before the `@`: `trainer`)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
        &[
            r#"invalid-account-id at "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` cannot be a service account's id (an id has 6 to 30 characters, this one 31)"#,
        ],
    ),
    (
        "service_account",
        "",
        &["missing-argument at the whole: `account_id` is missing"],
    ),
    (
        "service_account",
        r#"account_id = "@unknown""#,
        &[
            r#"unknown-value at "@unknown": `account_id` is known only after apply (names and grants must be known when the plan is made)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "@sensitive""#,
        &[
            r#"sensitive-value at "@sensitive": `account_id` may not be sensitive (plans and state keep what is sent to Google; use a value that may be shown)"#,
        ],
    ),
    (
        "service_account",
        "account_id = 7",
        &["wrong-type at 7: `account_id` must be a string, not an integer"],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
project = "123456789012""#,
        &[
            r#"invalid-project at "123456789012": `123456789012` is a project's number (write its id: names are made of it)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
project = "projects/acme-ml""#,
        &[
            r#"invalid-project at "projects/acme-ml": `projects/acme-ml` is no project's id (write `acme-ml`)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
project = "Acme""#,
        &[
            r#"invalid-project at "Acme": `Acme` is no project's id (an id is 6 to 30 lower-case letters, digits and `-`, beginning with a letter)"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
disabled = "yes""#,
        &[r#"wrong-type at "yes": `disabled` must be a boolean, not a string"#],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
display_name = "ééééééééééééééééééééééééééééééééééééééééééééééééééé""#,
        &[
            r#"too-long at "ééééééééééééééééééééééééééééééééééééééééééééééééééé": `display_name` has 102 bytes, Google allows 100"#,
        ],
    ),
    (
        "service_account",
        r#"account_id = "trainer"
description = "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd""#,
        &[
            r#"too-long at "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd": `description` has 257 bytes, Google allows 256"#,
        ],
    ),
    // custom roles
    (
        "custom_role",
        r#"role_id = "my-role"
permissions = ["storage.objects.get"]"#,
        &[
            r#"invalid-role-id at "my-role": `my-role` cannot be a custom role's id (write `my_role`: ids have no `-`)"#,
        ],
    ),
    (
        "custom_role",
        r#"role_id = "ab"
permissions = ["storage.objects.get"]"#,
        &[
            r#"invalid-role-id at "ab": `ab` cannot be a custom role's id (use 3 to 64 letters, digits, `_` and `.`)"#,
        ],
    ),
    (
        "custom_role",
        r#"role_id = "reader""#,
        &["missing-argument at the whole: `permissions` is missing"],
    ),
    (
        "custom_role",
        r#"role_id = "reader"
project = "acme-ml"
organization = "123"
permissions = ["storage.objects.get"]"#,
        &[
            "duplicate-argument at project: `project` and `organization` are both set (a custom role belongs to one of the two)",
        ],
    ),
    (
        "custom_role",
        r#"role_id = "reader"
organization = "acme.com"
permissions = ["storage.objects.get"]"#,
        &[
            r#"invalid-organization at "acme.com": `acme.com` is no organization (write its number; `gcloud organizations list` tells it)"#,
        ],
    ),
    (
        "custom_role",
        r#"role_id = "reader"
title = "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"
permissions = ["storage.objects.get"]"#,
        &[
            r#"too-long at "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt": `title` has 101 bytes, Google allows 100"#,
        ],
    ),
    (
        "custom_role",
        r#"role_id = "reader"
description = "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"
permissions = ["storage.objects.get"]"#,
        &[
            r#"too-long at "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt": `description` has 301 bytes, Google allows 300"#,
        ],
    ),
    (
        "custom_role",
        r#"role_id = "reader"
permissions = ["storage.object.get", "storage.*", "get", "iam.serviceaccounts.actAs"]"#,
        &[
            r#"unknown-permission at "storage.object.get": no predefined role holds a permission `storage.object.get` (did you mean `storage.objects.get`?)"#,
            r#"invalid-permission at "storage.*": `storage.*` is no permission (custom roles take no wildcards: name each permission)"#,
            r#"invalid-permission at "get": `get` is no permission (a permission is `SERVICE.TYPE.VERB`, e.g. `storage.objects.get`)"#,
            r#"unknown-permission at "iam.serviceaccounts.actAs": no predefined role holds a permission `iam.serviceaccounts.actAs` (did you mean `iam.serviceAccounts.actAs`?)"#,
        ],
    ),
    // resources
    (
        "iam_member",
        r#"resource = "acme-ml"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "acme-ml": `acme-ml` names no resource with a policy that is supported here (write `projects/acme-ml`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "123456789012"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "123456789012": `123456789012` names no resource with a policy that is supported here (write `projects/123456789012`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "gs://data"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "gs://data": `gs://data` names no resource with a policy that is supported here (write `buckets/data`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "my bucket"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "my bucket": `my bucket` names no resource with a policy that is supported here (a storage bucket is `buckets/{bucket}`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/Acme"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/Acme": `Acme` in `projects/Acme` names no project (a project's id is 6 to 30 lower-case letters, digits and `-`, beginning with a letter; its number has only digits)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/": `projects/acme-ml/` names no resource with a policy that is supported here (write a resource as Google does, without the host: `projects/P`, `projects/P/serviceAccounts/EMAIL`, `projects/P/locations/L/endpoints/E`, `buckets/B`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "folders/eng"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "folders/eng": `eng` in `folders/eng` names no folder (it goes by its number)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/topics/x"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/topics/x": `x` in `projects/acme-ml/topics/x` names no topic (a topic's name is 3 to 255 letters, digits and `-_.~+%`, beginning with a letter and not with `goog`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/topic/news"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/topic/news": `projects/acme-ml/topic/news` names no resource with a policy that is supported here (a Pub/Sub topic is `projects/{project}/topics/{topic}`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/locations/us-central1/notebooks/7"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/locations/us-central1/notebooks/7": `projects/acme-ml/locations/us-central1/notebooks/7` names no resource with a policy that is supported here (a Vertex AI notebook runtime template is `projects/{project}/locations/{location}/notebookRuntimeTemplates/{notebook_runtime_template}`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/models/7"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/models/7": `//aiplatform.googleapis.com/projects/acme-ml/locations/us-central1/models/7` names no resource with a policy that is supported here (write it without the host: `projects/acme-ml/locations/us-central1/models/7`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "https://pubsub.googleapis.com/v1/projects/acme-ml/topics/news"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "https://pubsub.googleapis.com/v1/projects/acme-ml/topics/news": `https://pubsub.googleapis.com/v1/projects/acme-ml/topics/news` names no resource with a policy that is supported here (write it without the host: `projects/acme-ml/topics/news`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "trainer@acme-ml.iam.gserviceaccount.com"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "trainer@acme-ml.iam.gserviceaccount.com": `trainer@acme-ml.iam.gserviceaccount.com` names no resource with a policy that is supported here (write `projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/serviceAccounts/123456789012345678901"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/serviceAccounts/123456789012345678901": `123456789012345678901` is a service account's unique id (write its e-mail address: an account made again has another unique id)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/other-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/other-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com": `trainer@acme-ml.iam.gserviceaccount.com` belongs to the project `acme-ml`, not `other-ml` (write `projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/-/serviceAccounts/123456789012-compute@developer.gserviceaccount.com"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/-/serviceAccounts/123456789012-compute@developer.gserviceaccount.com": the address `123456789012-compute@developer.gserviceaccount.com` does not tell its project (write `projects/PROJECT/serviceAccounts/123456789012-compute@developer.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/serviceAccounts/ana@example.com"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/serviceAccounts/ana@example.com": `ana@example.com` is no service account's e-mail address (write `NAME@PROJECT.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/locations/US/models/7"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "projects/acme-ml/locations/US/models/7": `US` in `projects/acme-ml/locations/US/models/7` names no location (a location is like `us-central1`, or `global`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "buckets/A_B"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"invalid-resource at "buckets/A_B": `A_B` in `buckets/A_B` names no bucket (a bucket's name is 3 to 222 lower-case letters, digits, `-`, `_` and `.`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "@unknown"
role = "roles/viewer"
member = "user:ana@example.com""#,
        &[
            r#"unknown-value at "@unknown": `resource` is known only after apply (names and grants must be known when the plan is made)"#,
        ],
    ),
    (
        "iam_member",
        r#"role = "roles/viewer"
member = "user:ana@example.com""#,
        &["missing-argument at the whole: `resource` is missing"],
    ),
    // roles
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.usr"
member = "user:ana@example.com""#,
        &[
            r#"unknown-role at "roles/aiplatform.usr": there is no predefined role `roles/aiplatform.usr` (did you mean `roles/aiplatform.user`? if Google made it after 2026-08-22, name it in `[providers.gcp]`: `known_roles = ["roles/aiplatform.usr"]`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/qqqqqqqqqqqq"
member = "user:ana@example.com""#,
        &[
            r#"unknown-role at "roles/qqqqqqqqqqqq": there is no predefined role `roles/qqqqqqqqqqqq` (if Google made it after 2026-08-22, name it in `[providers.gcp]`: `known_roles = ["roles/qqqqqqqqqqqq"]`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/"
member = "user:ana@example.com""#,
        &[r#"invalid-role at "roles/": `roles/` names no role"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "aiplatform.user"
member = "user:ana@example.com""#,
        &[
            r#"invalid-role at "aiplatform.user": `aiplatform.user` is no role's name (write `roles/aiplatform.user`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "viewer"
member = "user:ana@example.com""#,
        &[r#"invalid-role at "viewer": `viewer` is no role's name (write `roles/viewer`)"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "Viewer"
member = "user:ana@example.com""#,
        &[r#"invalid-role at "Viewer": `Viewer` is no role's name (did you mean `roles/viewer`?)"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "projects/acme-ml/roles/x"
member = "user:ana@example.com""#,
        &[
            r#"invalid-role at "projects/acme-ml/roles/x": `projects/acme-ml/roles/x` is no role's name (write `roles/NAME`, `projects/P/roles/ID` or `organizations/N/roles/ID`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "projects/acme-ml/roles/my-role"
member = "user:ana@example.com""#,
        &[
            r#"invalid-role at "projects/acme-ml/roles/my-role": `projects/acme-ml/roles/my-role` is no role's name (write `roles/NAME`, `projects/P/roles/ID` or `organizations/N/roles/ID`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "projects/other-ml/roles/reader"
member = "user:ana@example.com""#,
        &[
            r#"foreign-role at "projects/other-ml/roles/reader": `projects/other-ml/roles/reader` belongs to another project than `projects/acme-ml` (a project's custom role can be granted in that project only; make one in the organization to share it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "@sensitive"
member = "user:ana@example.com""#,
        &[
            r#"sensitive-value at "@sensitive": `role` may not be sensitive (plans and state keep what is sent to Google; use a value that may be shown)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "folders/12"
role = "projects/acme-ml/roles/reader"
member = "user:ana@example.com""#,
        &[
            r#"foreign-role at "projects/acme-ml/roles/reader": `projects/acme-ml/roles/reader` belongs to a project, and `folders/12` is above those (a project's custom role can be granted in that project only; make one in the organization to share it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
member = "user:ana@example.com""#,
        &["missing-argument at the whole: `role` is missing"],
    ),
    // roles without meaning on the resource
    (
        "iam_member",
        r#"resource = "projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com"
role = "roles/container.clusterViewer"
member = "@gcp.service_account trainer""#,
        &[
            r#"role-not-supported at "roles/container.clusterViewer": `roles/container.clusterViewer` means nothing on a service account: none of its permissions is about one (here the service account is the resource, and a grant lets others act on it. To give `roles/container.clusterViewer` to the service account, make it the member, on the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/container.clusterViewer"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "@gcp.service_account trainer"
role = "roles/storage.admin"
member = "user:ana@example.com""#,
        &[
            r#"role-not-supported at "roles/storage.admin": `roles/storage.admin` means nothing on a service account: none of its permissions is about one (here the service account is the resource, and a grant lets others act on it. To give `roles/storage.admin` to the service account, make it the member, on the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/storage.admin"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/locations/us-central1/models/7"
role = "roles/ml.developer"
member = "@gcp.service_account trainer""#,
        &[
            r#"role-not-supported at "roles/ml.developer": `roles/ml.developer` means nothing on a Vertex AI model: none of its permissions is about one (`roles/ml.developer` is of the legacy AI Platform, whose permissions all begin with `ml.`; those of Vertex AI begin with `aiplatform.`. Write:
role = "roles/aiplatform.user")"#,
            r#"policy-unproven at "projects/acme-ml/locations/us-central1/models/7": the policy of a Vertex AI model may be closed to your project: no predefined role holds `aiplatform.models.setIamPolicy` (if the server refuses it, the endpoint that serves it has a policy of its own:
[gcp.iam_member.NAME]
resource = "projects/acme-ml/locations/us-central1/endpoints/ENDPOINT"
role = "roles/aiplatform.user"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com"
or grant it for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/locations/us-central1/endpoints/7"
role = "roles/storage.objectViewer"
member = "user:ana@example.com""#,
        &[
            r#"role-not-supported at "roles/storage.objectViewer": `roles/storage.objectViewer` means nothing on a Vertex AI endpoint: none of its permissions is about one (it means something on: storage bucket. Grant it there, or for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/storage.objectViewer"
member = "user:ana@example.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/secrets/token"
role = "roles/pubsub.publisher"
member = "user:ana@example.com""#,
        &[
            r#"role-not-supported at "roles/pubsub.publisher": `roles/pubsub.publisher` means nothing on a secret: none of its permissions is about one (it means something on: Pub/Sub topic. Grant it there, or for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/pubsub.publisher"
member = "user:ana@example.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "buckets/data"
role = "roles/aiplatform.user"
member = "user:ana@example.com""#,
        &[
            r#"role-not-supported at "roles/aiplatform.user": `roles/aiplatform.user` means nothing on a storage bucket: none of its permissions is about one (it means something on 11 kinds of resource, e.g. Vertex AI model. Grant it there, or for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com")"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "buckets/data"
role = "@gcp.custom_role reader pubsub.topics.publish"
member = "user:ana@example.com""#,
        &[
            r#"role-not-supported at "@gcp.custom_role reader pubsub.topics.publish": `projects/acme-ml/roles/reader` means nothing on a storage bucket: none of its permissions is about one (grant it for everything in the project:
[gcp.iam_member.NAME]
resource = "projects/acme-ml"
role = "projects/acme-ml/roles/reader"
member = "user:ana@example.com")"#,
        ],
    ),
    // members
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "ana@example.com""#,
        &[
            r#"invalid-member at "ana@example.com": `ana@example.com` is no member (write `user:ana@example.com`, or `group:ana@example.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "trainer@acme-ml.iam.gserviceaccount.com""#,
        &[
            r#"invalid-member at "trainer@acme-ml.iam.gserviceaccount.com": `trainer@acme-ml.iam.gserviceaccount.com` is no member (write `serviceAccount:trainer@acme-ml.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "everybody""#,
        &[
            r#"invalid-member at "everybody": `everybody` is no member (write what it is before a colon: `user:`, `group:`, `serviceAccount:`, `domain:`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "allusers""#,
        &[
            r#"invalid-member at "allusers": `allusers` is no member (write `allUsers`: the case counts)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "allUsers""#,
        &[
            r#"public-member at "allUsers": a project does not take `allUsers` (grant it on the single resource that shall be public, e.g. a bucket)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "allAuthenticatedUsers""#,
        &[
            r#"public-member at "allAuthenticatedUsers": a project does not take `allAuthenticatedUsers` (grant it on the single resource that shall be public, e.g. a bucket)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = """#,
        &[
            r#"invalid-member at "": `` is no member (write one like `user:ana@example.com`, without spaces)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:""#,
        &[r#"invalid-member at "user:": `` is no e-mail address (write `user:NAME@DOMAIN`)"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana""#,
        &[r#"invalid-member at "user:ana": `ana` is no e-mail address (write `user:NAME@DOMAIN`)"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user: ana@example.com""#,
        &[
            r#"invalid-member at "user: ana@example.com": `user: ana@example.com` is no member (write one like `user:ana@example.com`, without spaces)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "User:ana@example.com""#,
        &[
            r#"invalid-member at "User:ana@example.com": `User:` is no kind of member (write `user:ana@example.com`: the case counts)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "uesr:ana@example.com""#,
        &[
            r#"invalid-member at "uesr:ana@example.com": `uesr:` is no kind of member (did you mean `user:ana@example.com`?)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:trainer@acme-ml.iam.gserviceaccount.com""#,
        &[
            r#"invalid-member at "user:trainer@acme-ml.iam.gserviceaccount.com": `trainer@acme-ml.iam.gserviceaccount.com` is a service account, not a user (write `serviceAccount:trainer@acme-ml.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "group:group:x@example.com""#,
        &[
            r#"invalid-member at "group:group:x@example.com": `group:x@example.com` is no e-mail address (write `group:NAME@DOMAIN`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "domain:example""#,
        &[
            r#"invalid-member at "domain:example": `example` is no domain (write the primary domain of the organization, e.g. `domain:example.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:ana@example.com""#,
        &[
            r#"invalid-member at "serviceAccount:ana@example.com": `ana@example.com` is no service account's e-mail address (did you mean `user:ana@example.com`?)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:trainer""#,
        &[
            r#"invalid-member at "serviceAccount:trainer": `trainer` is no service account's e-mail address (write `serviceAccount:NAME@PROJECT.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com""#,
        &[
            r#"invalid-member at "serviceAccount:projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com": `projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com` is a resource's name, not an e-mail address (write `serviceAccount:trainer@acme-ml.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceaccount:trainer@acme-ml.iam.gserviceaccount.com""#,
        &[
            r#"invalid-member at "serviceaccount:trainer@acme-ml.iam.gserviceaccount.com": `serviceaccount:` is no kind of member (write `serviceAccount:trainer@acme-ml.iam.gserviceaccount.com`: the case counts)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceaccount:training/trainer""#,
        &[
            r#"invalid-member at "serviceaccount:training/trainer": `serviceaccount:` is no kind of member (to Google a Kubernetes service account is `serviceAccount:PROJECT.svc.id.goog[training/trainer]`; `gcp.workload_identity` writes it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "system:serviceaccount:training:trainer""#,
        &[
            r#"invalid-member at "system:serviceaccount:training:trainer": `system:` is no kind of member (to Google a Kubernetes service account is `serviceAccount:PROJECT.svc.id.goog[training/trainer]`; `gcp.workload_identity` writes it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:acme-ml.svc.id.goog[training]""#,
        &[
            r#"invalid-member at "serviceAccount:acme-ml.svc.id.goog[training]": `acme-ml.svc.id.goog[training]` names no Kubernetes service account (write `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "serviceAccount:123456789012.svc.id.goog[training/trainer]""#,
        &[
            r#"swapped-project at "serviceAccount:123456789012.svc.id.goog[training/trainer]": the pool `123456789012.svc.id.goog` goes by the project's id, not `123456789012` (write `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "deleted:user:ana@example.com?uid=1""#,
        &[
            r#"deleted-member at "deleted:user:ana@example.com?uid=1": `deleted:user:ana@example.com?uid=1` was deleted, and cannot be granted anything (such members are kept where they stand; take this one out)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal:iam.googleapis.com/x""#,
        &[
            r#"invalid-member at "principal:iam.googleapis.com/x": `principal:iam.googleapis.com/x` lacks `//` behind `principal:` (write `principal://iam.googleapis.com/x`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://iam.googleapis.com/projects/acme-ml/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/training/sa/trainer""#,
        &[
            r#"swapped-project at "principal://iam.googleapis.com/projects/acme-ml/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/training/sa/trainer": `projects/acme-ml` in a `principal://` must be the number, not the id (write `projects/NUMBER`; for a project `gcloud projects describe acme-ml --format='value(projectNumber)'` tells it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/123456789012.svc.id.goog/subject/ns/training/sa/trainer""#,
        &[
            r#"swapped-project at "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/123456789012.svc.id.goog/subject/ns/training/sa/trainer": the pool `123456789012.svc.id.goog` goes by the project's id, not `123456789012` (write the project's number behind `projects/` and its id in the pool: `projects/NUMBER/locations/global/workloadIdentityPools/ID.svc.id.goog`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/training/trainer""#,
        &[
            r#"invalid-member at "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/training/trainer": `subject/training/trainer` names no Kubernetes service account (write `principal://.../subject/ns/NAMESPACE/sa/NAME`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/training/sa/trainer""#,
        &[
            r#"invalid-member at "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/training/sa/trainer": `principalSet://` stands before one principal (write `principal://` instead)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/attribute.repository/acme/app""#,
        &[
            r#"invalid-member at "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/attribute.repository/acme/app": `principal://` stands before a set of principals (write `principalSet://` instead)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/*""#,
        &[
            r#"invalid-member at "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github/*": `principal://` stands before a set of principals (write `principalSet://` instead)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github""#,
        &[
            r#"invalid-member at "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github": `principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/github` names a pool, and nobody in it (write `/subject/NAME` behind it, or `/*` with `principalSet://` for everybody in it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://iam.googleapis.com/workforcePools/people/*""#,
        &[
            r#"invalid-member at "principalSet://iam.googleapis.com/workforcePools/people/*": `principalSet://iam.googleapis.com/workforcePools/people/*` names nobody (write `projects/NUMBER/locations/global/workloadIdentityPools/POOL/...` or `locations/global/workforcePools/POOL/...` behind the host)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://cloudresourcemanager.googleapis.com/projects/acme-ml/type/ServiceAccount""#,
        &[
            r#"swapped-project at "principalSet://cloudresourcemanager.googleapis.com/projects/acme-ml/type/ServiceAccount": `projects/acme-ml` in a `principalSet://` must be the number, not the id (write `projects/NUMBER`; for a project `gcloud projects describe acme-ml --format='value(projectNumber)'` tells it)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://cloudresourcemanager.googleapis.com/projects/123456789012/type/Accounts""#,
        &[
            r#"invalid-member at "principalSet://cloudresourcemanager.googleapis.com/projects/123456789012/type/Accounts": `Accounts` is no type of account (types are `ServiceAccount` and `ServiceAgent`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principal://cloudresourcemanager.googleapis.com/projects/123456789012/type/ServiceAccount""#,
        &[
            r#"invalid-member at "principal://cloudresourcemanager.googleapis.com/projects/123456789012/type/ServiceAccount": `principal://` stands before a set of principals (write `principalSet://` instead)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalSet://cloudresourcemanager.googleapis.com/projects/123456789012""#,
        &[
            r#"invalid-member at "principalSet://cloudresourcemanager.googleapis.com/projects/123456789012": `principalSet://cloudresourcemanager.googleapis.com/projects/123456789012` names nobody (write `principalSet://cloudresourcemanager.googleapis.com/projects/NUMBER/type/ServiceAccount`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "principalHierarchy:x""#,
        &[
            r#"invalid-member at "principalHierarchy:x": `principalHierarchy:x` names nobody (write `principalHierarchy://...`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "projectOwner:x""#,
        &[
            r#"invalid-member at "projectOwner:x": `projectOwner:x` names no project (a project's id is 6 to 30 lower-case letters, digits and `-`, beginning with a letter; its number has only digits)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "@kubernetes.role a/b""#,
        &[
            r#"wrong-type at "@kubernetes.role a/b": `member` must be a member or a service account, not a resource"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "@unknown""#,
        &[
            r#"unknown-value at "@unknown": `member` is known only after apply (names and grants must be known when the plan is made)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/viewer""#,
        &["missing-argument at the whole: `member` is missing"],
    ),
    (
        "iam_binding",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
members = []"#,
        &[
            "empty-binding at []: a binding of nobody does not exist at Google (name its members; to take a role from everybody, delete its binding)",
        ],
    ),
    (
        "iam_binding",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
members = "user:ana@example.com""#,
        &[r#"wrong-type at "user:ana@example.com": `members` must be a list, not a string"#],
    ),
    (
        "iam_binding",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
members = ["user:ana@example.com", "bo@example.com", "allUsers"]"#,
        &[
            r#"invalid-member at "bo@example.com": `bo@example.com` is no member (write `user:bo@example.com`, or `group:bo@example.com`)"#,
            r#"public-member at "allUsers": a project does not take `allUsers` (grant it on the single resource that shall be public, e.g. a bucket)"#,
        ],
    ),
    (
        "iam_binding",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user""#,
        &["missing-argument at the whole: `members` is missing"],
    ),
    // conditions
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "" }"#,
        &[
            r#"invalid-condition at "": the expression is empty (write one like `request.time < timestamp('2027-07-01T00:00:00Z')`, or take the condition out)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "request.time <" }"#,
        &[
            r#"invalid-condition at "request.time <": the expression does not parse: mismatched input 'the end' expecting expression"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "requests.time < timestamp('2027-07-01T00:00:00Z')" }"#,
        &[
            r#"invalid-condition at "requests.time < timestamp('2027-07-01T00:00:00Z')": a condition knows nothing called `requests` (did you mean `request`?)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "request.time < timestamp('tomorrow')" }"#,
        &[
            r#"invalid-condition at "request.time < timestamp('tomorrow')": `tomorrow` is no point in time (write date, time and zone, e.g. `2027-07-01T00:00:00Z`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x'" }"#,
        &[
            r#"invalid-condition at "resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x'": the expression has 13 logical operators, Google allows 12 (split it over several grants, or use `in [...]` and `startsWith`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "", expression = "resource.name == 'x'" }"#,
        &[
            r#"invalid-condition at "": the title is empty (say in a few words what the condition is for)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t" }"#,
        &[r#"missing-argument at { title = "t" }: `condition.expression` is missing"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { expression = "true" }"#,
        &[r#"missing-argument at { expression = "true" }: `condition.title` is missing"#],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/viewer"
member = "user:ana@example.com"
condition = { title = "t", expression = "resource.name == 'x'" }"#,
        &[
            r#"condition-refused at { title = "t", expression = "resource.name == 'x'" }: the basic role `roles/viewer` does not take a condition (grant a narrower role, e.g. `roles/aiplatform.user`, or leave it out)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/viewer"
member = "user:ana@example.com"
until = 2027-07-01T00:00:00Z"#,
        &[
            "condition-refused at 2027-07-01T00:00:00Z: the basic role `roles/viewer` does not take `until`, which is a condition (grant a narrower role, e.g. `roles/aiplatform.user`, or leave it out)",
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
until = "next year""#,
        &[
            r#"invalid-time at "next year": `next year` is no point in time (write date, time and zone, e.g. `2027-07-01T00:00:00Z`)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
condition = { title = "t", expression = "resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x'" }
until = 2027-07-01T00:00:00Z"#,
        &[
            r#"invalid-condition at { title = "t", expression = "resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x' || resource.name == 'x'" }: the condition and `until` together have more than 12 logical operators (`until` adds one; split the condition over several grants)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "buckets/data"
role = "roles/storage.objectViewer"
member = "allUsers"
condition = { title = "t", expression = "resource.name == 'x'" }"#,
        &[
            r#"condition-refused at { title = "t", expression = "resource.name == 'x'" }: a grant to `allUsers` does not take a condition (grant it without one, or to named principals)"#,
        ],
    ),
    (
        "iam_member",
        r#"resource = "projects/acme-ml/locations/us-central1/featureGroups/g"
role = "roles/aiplatform.user"
member = "user:ana@example.com"
until = 2027-07-01T00:00:00Z"#,
        &[
            "condition-refused at 2027-07-01T00:00:00Z: grants on a Vertex AI feature group do not take `until`, which is a condition (grant the role on the project, with a condition on `resource.name`)",
        ],
    ),
    // policies
    (
        "iam_policy",
        r#"resource = "projects/acme-ml""#,
        &["missing-argument at the whole: `bindings` is missing"],
    ),
    (
        "iam_policy",
        r#"resource = "projects/acme-ml"
bindings = [{ role = "roles/aiplatform.user", members = ["user:ana@example.com"] }, { role = "roles/aiplatform.user", members = ["user:ana@example.com"] }]"#,
        &[
            r#"duplicate-binding at "roles/aiplatform.user": `roles/aiplatform.user` is bound twice under one condition (put its members together)"#,
        ],
    ),
    (
        "iam_policy",
        r#"resource = "projects/acme-ml"
bindings = [{ role = "roles/aiplatform.usr", members = [] }]"#,
        &[
            r#"unknown-role at "roles/aiplatform.usr": there is no predefined role `roles/aiplatform.usr` (did you mean `roles/aiplatform.user`? if Google made it after 2026-08-22, name it in `[providers.gcp]`: `known_roles = ["roles/aiplatform.usr"]`)"#,
            "empty-binding at []: a binding of nobody does not exist at Google (name its members; to take a role from everybody, delete its binding)",
        ],
    ),
    (
        "iam_policy",
        r#"resource = "projects/acme-ml/locations/us-central1/endpoints/7"
bindings = [{ role = "roles/aiplatform.user", members = ["user:ana@example.com"] }]
audit_configs = [{ service = "allServices", audit_log_configs = [{ log_type = "DATA_READ" }] }]"#,
        &[
            "no-audit-configs at audit_configs: the policy of a Vertex AI endpoint has no audit configs (set them on the project)",
        ],
    ),
    (
        "iam_policy",
        r#"resource = "projects/acme-ml"
bindings = [{ role = "roles/aiplatform.user", members = ["user:ana@example.com"] }]
audit_configs = [{ service = "allServices", audit_log_configs = [{ log_type = "DATA_READ", exempted_members = ["ana@example.com"] }] }]"#,
        &[
            r#"invalid-member at "ana@example.com": `ana@example.com` is no member (write `user:ana@example.com`, or `group:ana@example.com`)"#,
        ],
    ),
    // Workload Identity
    (
        "workload_identity",
        r#"service_account = "@gcp.service_account trainer"
kubernetes_service_account = "trainer""#,
        &[
            r#"invalid-member at "trainer": `trainer` names no Kubernetes service account (write `NAMESPACE/NAME`, or refer to a `kubernetes.service_account`)"#,
        ],
    ),
    (
        "workload_identity",
        r#"service_account = "trainer"
kubernetes_service_account = "training/trainer""#,
        &[
            r#"invalid-resource at "trainer": `trainer` is no service account's e-mail address (write `NAME@PROJECT.iam.gserviceaccount.com`)"#,
        ],
    ),
    (
        "workload_identity",
        r#"service_account = "projects/acme-ml"
kubernetes_service_account = "training/trainer""#,
        &[
            r#"invalid-resource at "projects/acme-ml": `projects/acme-ml` is no service account (write its e-mail address)"#,
        ],
    ),
    (
        "workload_identity",
        r#"service_account = "@gcp.service_account trainer"
kubernetes_service_account = "training/trainer"
project = "123456789012""#,
        &[
            r#"invalid-project at "123456789012": `123456789012` is a project's number (write its id: names are made of it)"#,
        ],
    ),
    (
        "workload_identity",
        "",
        &[
            "missing-argument at the whole: `service_account` is missing",
            "missing-argument at the whole: `kubernetes_service_account` is missing",
        ],
    ),
];

#[test]
fn bad_input_is_refused_at_its_place() {
    for (type_name, text, expected) in CASES {
        match resolve(type_name, text) {
            Ok(resolved) => panic!("{text}\nbecame {}", resolved.object),
            Err(errors) => assert_eq!(told(text, &errors), *expected, "{text}"),
        }
    }
}
