# shellcheck shell=bash
# shellcheck disable=SC2034  # variables that only one of the scripts reads
# Sourced by tools/setup, tools/demo and tests/run: counted steps, and long commands that show that
# they are alive. Needs bash and coreutils only.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STEP_NUMBER=0
STEP_TOTAL=0
STEP_STARTED=$SECONDS

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' GREEN='' RED='' PLAIN=''
fi

# step TITLE: prints "[ 3/11] TITLE". STEP_TOTAL is set by the caller before the first one.
step() {
  STEP_NUMBER=$((STEP_NUMBER + 1))
  STEP_STARTED=$SECONDS
  printf '%s[%2d/%d]%s %s%s%s\n' "$DIM" "$STEP_NUMBER" "$STEP_TOTAL" "$PLAIN" "$BOLD" "$1" "$PLAIN"
}

# note TEXT: one indented line under the current step.
note() { printf '        %s\n' "$*"; }

# step_done [TEXT]: closes the step with its time.
step_done() { note "${GREEN}done${PLAIN} in $((SECONDS - STEP_STARTED)) s${1:+: $1}"; }

# die TEXT [EXIT]: a sentence on stderr that says what to do next, then exit (1 unless given).
die() {
  printf '%s%s%s\n' "$RED" "$1" "$PLAIN" >&2
  exit "${2:-1}"
}

# bar N M: a bar and the two numbers.
bar() {
  local filled=$(($2 > 0 ? $1 * 24 / $2 : 0))
  printf '[%-24s] %d of %d' "$(printf '%*s' "$filled" '' | tr ' ' '#')" "$1" "$2"
}

# What a command has done so far may also be counted: lines with COUNT_PATTERN in COUNT_FILE, of
# COUNT_TOTAL. Set around run_logged; empty otherwise.
COUNT_FILE='' COUNT_PATTERN='' COUNT_TOTAL=0

# progress_line LOG: what the newest line of a log says, cut to fit; a bar where it counts "[n/m]".
progress_line() {
  local line
  if [[ -n $COUNT_FILE ]]; then
    bar "$(grep -c -e "$COUNT_PATTERN" "$COUNT_FILE" 2>/dev/null || true)" "$COUNT_TOTAL"
    return
  fi
  line=$(tail -c 4096 "$1" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1)
  if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
    bar "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    printf '%.60s' "$line"
  fi
}

# run_logged LOG COMMAND...: runs the command with its output in LOG. On a terminal one line shows the
# time and what is going on; elsewhere a line every 20 seconds does. Returns the command's exit code;
# on failure the end of the log is printed.
run_logged() {
  local log=$1 started=$SECONDS last=$SECONDS pid code=0 spin='|/-+' turn=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    if [[ -t 1 ]]; then
      printf '\r\e[K        %s %3d s  %s' "${spin:turn++%4:1}" $((SECONDS - started)) \
        "$(progress_line "$log")"
      sleep 0.2
    else
      if ((SECONDS - last >= 20)); then
        last=$SECONDS
        note "$((SECONDS - started)) s  $(progress_line "$log")"
      fi
      sleep 0.1
    fi
  done
  wait "$pid" || code=$?
  [[ -t 1 ]] && printf '\r\e[K'
  if ((code != 0)); then
    tail -n 40 "$log" >&2
    printf '%s%s%s\n' "$RED" "failed (exit $code): $*" "$PLAIN" >&2
    printf 'The whole output is in %s\n' "$log" >&2
  fi
  return "$code"
}

# jobs_for_build: how many compilers fit: one more than processors, and about 1.5 GB of memory each.
jobs_for_build() {
  local by_cpu by_memory
  by_cpu=$(($(nproc) + 1))
  by_memory=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  ((by_memory < 1)) && by_memory=1
  echo $((by_cpu < by_memory ? by_cpu : by_memory))
}

# use_ccache: lets every clone of the project share one compiler cache. A CCACHE_DIR that the caller
# set is kept. No-op without ccache.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$ROOT}
  export CCACHE_NOHASHDIR=1
  # Without these ccache does not touch units that use a precompiled header.
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
}

# build_preset PRESET LOG_DIR [TARGET...]: configures once and builds the targets (default: all).
build_preset() {
  local preset=$1 logs=$2
  shift 2
  use_ccache
  if [[ ! -f $ROOT/build/$preset/build.ninja ]]; then
    run_logged "$logs/configure-$preset.log" cmake -S "$ROOT" --preset "$preset" || return
  fi
  run_logged "$logs/build-$preset.log" cmake --build "$ROOT/build/$preset" -j "$(jobs_for_build)" \
    ${1:+--target "$@"}
}
