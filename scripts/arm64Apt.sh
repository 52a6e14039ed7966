# To be sourced. arm64_apt DIR [SOURCES] makes an apt of its own in DIR for Debian's arm64 packages and sets APT_CONFIG to it:
# it reads the system's sources, or those of the file SOURCES alone; neither the system's lists nor its packages are touched.
arm64_apt() {
  mkdir -p "$1"/state/lists/partial "$1"/cache/archives/partial "$1"/none
  : >"$1/state/status"
  cat >"$1/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$1/state";
Dir::State::status "$1/state/status";
Dir::Cache "$1/cache";
Dir::Etc::preferencesparts "$1/none";
Dir::Log "$1";
CONF
  if [ $# -gt 1 ]; then
    printf 'Dir::Etc::sourcelist "%s";\nDir::Etc::sourceparts "%s/none";\n' "$(realpath "$2")" "$1" >>"$1/apt.conf"
  fi
  export APT_CONFIG=$1/apt.conf
}
