#!/bin/sh
# Fetches the packages of set/packages.tsv with npm and apt-get, and unpacks them
# into folders named by their id. Nothing of them is part of this repository.
#
#     face/bench/fetch.sh [folder]    # by default .cache/faces in the repository
#
# Needs npm, apt-get and dpkg (Debian 12), and about 3 GB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/../../.cache/faces}
mkdir -p "$to"
to=$(cd "$to" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tab=$(printf '\t')
tail -n +2 "$here/set/packages.tsv" | while IFS=$tab read -r id kind name version licence _; do
	[ -d "$to/$id" ] && continue
	echo "$id: $name $version ($licence)"
	rm -rf "$tmp/got" "$tmp/out"
	mkdir "$tmp/got" "$tmp/out"
	case $kind in
	npm)
		npm pack --silent --pack-destination "$tmp/got" "$name@$version" </dev/null >/dev/null
		tar xzf "$tmp"/got/*.tgz --strip-components=1 -C "$tmp/out"
		;;
	deb)
		chmod 755 "$tmp" && chmod 777 "$tmp/got"
		(cd "$tmp/got" && apt-get -qq download "$name=$version" </dev/null)
		dpkg -x "$tmp"/got/*.deb "$tmp/out"
		;;
	esac
	mv "$tmp/out" "$to/$id"
done
