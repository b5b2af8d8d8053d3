package events

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func recorded(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

func TestParse(t *testing.T) {
	const key, etag = "holiday/a b+c é.jpg", "d41d8cd98f00b204e9800998ecf8427e"
	const version, generation = "096fKKXTRTtl3on89fVO.nfljtsv6qko", "1764496800000000"
	for name, want := range map[string][]Event{
		"s3.json":          {{"uploads", key, 1024, etag, version}},
		"sns.json":         {{"uploads", key, 1024, etag, version}},
		"eventbridge.json": {{"uploads", key, 1024, etag, version}},
		"minio.json":       {{"uploads", key, 1024, etag, ""}},
		"pubsub.json":      {{"uploads", key, 0, "", generation}},
		"gcs.json":         {{"uploads", key, 1024, "", generation}},
		"s3-test.json":     nil,
	} {
		got, err := Parse(recorded(t, name))
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

func TestParseOtherEvents(t *testing.T) {
	for name, edit := range map[string][2]string{
		"s3.json":          {"ObjectCreated:Put", "ObjectRemoved:Delete"},
		"minio.json":       {"s3:ObjectCreated:Put", "s3:ObjectAccessed:Get"},
		"eventbridge.json": {"Object Created", "Object Deleted"},
		"pubsub.json":      {"OBJECT_FINALIZE", "OBJECT_DELETE"},
	} {
		b := strings.ReplaceAll(string(recorded(t, name)), edit[0], edit[1])
		got, err := Parse([]byte(b))
		require.NoError(t, err, name)
		require.Empty(t, got, name)
	}
}

func TestParseRefuses(t *testing.T) {
	s3 := string(recorded(t, "s3.json"))
	for name, b := range map[string]string{
		"nothing":        "",
		"no JSON":        "hello",
		"no event":       `{"a":1}`,
		"no object":      `{"Records":[{"eventName":"ObjectCreated:Put"}]}`,
		"no bucket":      strings.Replace(s3, `"name":"uploads"`, `"name":""`, 1),
		"no key":         strings.Replace(s3, "holiday/a+b%2Bc+%C3%A9.jpg", "", 1),
		"bad escape":     strings.Replace(s3, "%2B", "%G0", 1),
		"not UTF-8":      strings.Replace(s3, "%C3%A9", "%FF", 1),
		"long key":       strings.Replace(s3, "holiday", strings.Repeat("h", 1024), 1),
		"negative size":  strings.Replace(s3, "1024", "-1", 1),
		"large":          `{"Records":[` + strings.Repeat(" ", MaxBytes) + `]}`,
		"many":           `{"Records":[{}` + strings.Repeat(",{}", maxRecords) + `]}`,
		"message":        `{"Type":"Notification","Message":{}}`,
		"empty Pub/Sub":  `{"message":{"attributes":{}}}`,
		"strange detail": `{"source":"aws.s3","detail-type":"Object Created","detail":[]}`,
	} {
		_, err := Parse([]byte(b))
		require.ErrorIs(t, err, ErrNone, name)
	}
	nested := `{"a":1}`
	for range 5 {
		nested = `{"Type":"Notification","Message":` + quote(nested) + `}`
	}
	_, err := Parse([]byte(nested))
	require.ErrorIs(t, err, ErrNone)
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	require.GreaterOrEqual(f, len(names), 7)
	for _, name := range names {
		b := recorded(f, filepath.Base(name))
		f.Add(b)
		for i := range 8 { // and cut off
			f.Add(b[:len(b)*i/8])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Parse(b)
		if err != nil {
			require.ErrorIs(t, err, ErrNone)
			require.Empty(t, all)
		}
		require.LessOrEqual(t, len(all), maxRecords)
		for _, e := range all {
			_, err := checked(e)
			require.NoError(t, err)
		}
	})
}
