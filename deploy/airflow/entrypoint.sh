#!/usr/bin/env bash
# Start one component of Airflow with Assay's settings: the same way natively and in the images.
#   entrypoint.sh migrate | api-server | scheduler | dag-processor | triggerer
#   entrypoint.sh with <command> [argument ...]    any command, with the same settings
# What each variable means: environment.py. Components wait for the database to be migrated.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
project="$(cd "$here/../.." && pwd)"
readonly here project

if [[ -d "$project/.venv/bin" ]]; then
  PATH="$project/.venv/bin:$PATH"
fi

settings="$(python "$here/environment.py")"
eval "$settings"

# Until another component has migrated the database; Airflow's own check gives up by itself.
wait_for_database() {
  airflow db check-migrations --migration-wait-timeout "${AIRFLOW_WAIT_SECONDS:-120}" >/dev/null
}

readonly component="${1:-}"
case "$component" in
  migrate)
    exec airflow db migrate
    ;;
  api-server | dag-processor)
    [[ -n "${AIRFLOW_MIGRATED:-}" ]] || wait_for_database
    exec airflow "$component"
    ;;
  scheduler | triggerer)
    # Logs are files that the API server reads itself: no second server for them.
    [[ -n "${AIRFLOW_MIGRATED:-}" ]] || wait_for_database
    exec airflow "$component" --skip-serve-logs
    ;;
  with)
    shift
    [[ $# -gt 0 ]] || { echo "entrypoint.sh with: name a command" >&2; exit 64; }
    exec "$@"
    ;;
  *)
    echo "entrypoint.sh: unknown component '$component': expected migrate, api-server," \
      "scheduler, dag-processor, triggerer, or with <command>" >&2
    exit 64
    ;;
esac
