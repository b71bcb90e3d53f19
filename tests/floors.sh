#!/bin/sh
# Every #include keeps to the floors of docs/ARCHITECTURE.md; a header counts with everything that it includes.
# Usage: floors.sh [SOURCE_ROOT]
set -eu
cd "${1:-.}"
find src cli include -name '*.c' -o -name '*.h' | LC_ALL=C sort | awk '
  function part_of(file,   name) {
    if (file ~ /^src\//) { sub(/^src\//, "", file); sub(/\/.*/, "", file); return file }
    if (file ~ /^cli\//) return "cli"
    if (file ~ /^include\/causeway\//) {
      name = file; sub(/^include\/causeway\//, "", name); sub(/\.h$/, "", name)
      return (name in owner) ? owner[name] : name
    }
    return ""
  }
  function find_header(name, from,   dir) {
    if (name ~ /^causeway\//) return "include/" name
    dir = from; sub(/[^\/]*$/, "", dir)
    if ((dir name) in known) return dir name
    if (("src/" name) in known) return "src/" name
    return ""
  }
  # Checks all that `file` pulls in, on behalf of `root`.
  function check(root, file,   i, n, list, target, p) {
    n = split(includes[file], list, "\n")
    for (i = 1; i <= n; i++) {
      target = list[i]
      if (target == "" || ((root SUBSEP target) in visited)) continue
      visited[root, target] = 1
      p = part_of(target)
      if (p != part_of(root) && !((part_of(root), p) in may)) {
        printf "%s: error: part %s may not include %s (part %s)\n", root, part_of(root), target, p
        bad = 1
      }
      if (root ~ /^include\// && p != "base" && p != "road" && p != "scene" && p != "agent" && p != "record" && p != part_of(root)) {
        printf "%s: error: a public header may not include %s\n", root, target
        bad = 1
      }
      check(root, target)
    }
  }
  BEGIN {
    # headers that are not named after their part
    owner["assumptions"] = "rules"; owner["evaluator"] = "drive"; owner["vector"] = "sense"; owner["batch"] = "run"; owner["fork"] = "run"; owner["why"] = "judge"; owner["why_table"] = "judge"; owner["why_contact"] = "judge"; owner["cut_in"] = "judge"; owner["camera"] = "sense"; owner["lens"] = "agent"
    while ((getline line < "docs/ARCHITECTURE.md") > 0) {
      if (line ~ /^\| part \|/) { table = 1; continue }
      if (table && line !~ /^\|/) table = 0
      if (!table || line ~ /^\|-/) continue
      n = split(line, cell, "|")
      name = cell[2]; gsub(/ /, "", name); parts[name] = 1; rows++
      m = split(cell[n - 1], allowed, ",")
      for (i = 1; i <= m; i++) { gsub(/[ -]/, "", allowed[i]); if (allowed[i] != "") may[name, allowed[i]] = 1 }
    }
    if (rows < 5) { print "floors: no table in docs/ARCHITECTURE.md"; exit 1 }
  }
  { known[$0] = 1; files[++count] = $0 }
  END {
    for (f = 1; f <= count; f++) {
      while ((getline line < files[f]) > 0)
        if (line ~ /^[ \t]*#[ \t]*include[ \t]*"/) {
          target = line; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
          raw[files[f]] = raw[files[f]] target "\n"
        }
      close(files[f])
    }
    for (f = 1; f <= count; f++) {
      n = split(raw[files[f]], list, "\n")
      for (i = 1; i <= n; i++) {
        if (list[i] == "") continue
        target = find_header(list[i], files[f])
        if (target == "" ) continue # generated, or of another library
        if (!(target in known)) { printf "%s: error: no such header %s\n", files[f], list[i]; bad = 1; continue }
        includes[files[f]] = includes[files[f]] target "\n"
      }
    }
    for (f = 1; f <= count; f++) {
      p = part_of(files[f])
      if (!(p in parts)) { printf "%s: error: part %s has no row in docs/ARCHITECTURE.md\n", files[f], p; bad = 1 }
      delete visited
      check(files[f], files[f])
    }
    exit bad
  }'
