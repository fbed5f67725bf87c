quote() { printf '“%s”\n' "$*"; }
