# curl in the ways that people use it. Arguments: URL, PNG, JPEG, a folder to write to.
set -u
base=$1 png=$2 jpeg=$3 tmp=$4

# send NAME FILES ARGUMENTS...
send() {
	url="$base?files=$2&form=curl,%20$(printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')"
	shift 2
	curl -s -o /dev/null "$@" "$url"
}

send form 1 -F "image=@$png" -F note=größe
send type 1 -F "image=@$png;type=image/png"
send PUT 1 -X PUT -F "image=@$png"
send DELETE 1 -X DELETE -F "image=@$png"
send chunked 1 -H 'Transfer-Encoding: chunked' -F "image=@$png"
send HTTP/1.0 1 -0 -F "image=@$png"
send Expect 1 -H 'Expect: 100-continue' -F "image=@$png"
send 'no Expect' 1 -H 'Expect:' -F "image=@$png"
send files 2 -F "image=@$png" -F "image=@$jpeg"
send 'files at once' 2 -F "image=@$png,$jpeg"
send stdin 1 -F 'image=@-;filename=a.png' <"$png"
for name in 'a"b.png' 'a\b.png' 'a;b.png' 'a b.png' 'größe 图.png' "it's.png" 'a=b.png' '100%.png' 'a&b#c?.png' '(1) [2] {3}.png' 'a,b.png' 'a:b.png' '.png' 'no extension' 'image'; do
	cp "$png" "$tmp/$name"
	quoted=$(printf %s "$name" | sed 's/[\\"]/\\&/g')
	send "a file called $name" 1 -F "image=@\"$(printf %s "$tmp" | sed 's/[\\"]/\\&/g')/$quoted\""
	send "a name of $name" 1 -F "image=@$png;filename=\"$quoted\""
done
send 'a tab' 1 -F "image=@$png;filename=\"a	b.png\""
send 'form-escape' 1 --form-escape -F "image=@$png;filename=\"a\\\"b.png\""
send 'text with a type' 1 -F 'data={"a":1};type=application/json' -F "image=@$png"
send 'encoder 8bit' 1 -F "image=@$png;encoder=8bit"
send 'encoder binary' 1 -F "image=@$png;encoder=binary"
send body 1 --data-binary "@$png"
send 'body with a type' 1 -H 'Content-Type: image/png' --data-binary "@$png"
send 'body without a type' 1 -H 'Content-Type:' --data-binary "@$png"
send upload 1 -T "$png"
send 'upload in chunks' 1 -H 'Transfer-Encoding: chunked' -T - <"$png"
