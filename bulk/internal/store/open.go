package store

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob" // s3:// is linked by default
)

// Open opens the bucket of a URL. The parameter prefix of any URL but file:// selects the keys that
// begin with it, which are then named without it. create makes the folder of a file:// URL.
//
// A file:// URL may be relative: file://../photos and file://./photos.
func Open(ctx context.Context, rawURL string, create bool) (*blob.Bucket, error) {
	u, err := parse(rawURL)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "file" {
		b, err := blob.OpenBucket(ctx, u.String())
		if err != nil && strings.Contains(err.Error(), "no driver registered") {
			return nil, fmt.Errorf("%w (gs:// and azblob:// come with the build tags gcs and azure)", err)
		}
		return b, err
	}
	if u.RawQuery != "" {
		return nil, fmt.Errorf("%s: a folder takes no parameters; name the folder itself", Redacted(rawURL))
	}
	return OpenDir(dirOf(u), create)
}

func parse(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("bucket URL: %w", err)
	}
	if u.Scheme == "" {
		return nil, fmt.Errorf("%q is no bucket URL such as file:///photos or s3://photos?region=eu-west-1", rawURL)
	}
	return u, nil
}

// dirOf returns the folder of a file:// URL. What stands where other URLs have a host begins a
// relative path.
func dirOf(u *url.URL) string {
	path := u.Path
	switch u.Host {
	case "", "localhost":
	default:
		path = u.Host + path
	}
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///c:/photos
		path = path[1:]
	}
	return filepath.FromSlash(path)
}

// Same reports whether two URLs name the same bucket and the keys of one begin with the
// prefix of the other, and returns the part of inner's prefix that lies below outer's.
func Same(outer, inner string) (below string, ok bool) {
	a, errA := parse(outer)
	b, errB := parse(inner)
	if errA != nil || errB != nil || a.Scheme != b.Scheme {
		return "", false
	}
	var pathA, pathB string
	if a.Scheme == "file" {
		absA, errA := filepath.Abs(dirOf(a))
		absB, errB := filepath.Abs(dirOf(b))
		if errA != nil || errB != nil {
			return "", false
		}
		pathA, pathB = slashed(resolved(absA)), slashed(resolved(absB))
	} else if a.Host != b.Host || server(a) != server(b) {
		return "", false
	}
	return strings.CutPrefix(pathB+b.Query().Get("prefix"), pathA+a.Query().Get("prefix"))
}

// server returns what a URL says of the servers that have its bucket: buckets of one name at two of
// them are two; S3 has a name once in all its regions.
func server(u *url.URL) [3]string {
	q := u.Query()
	endpoint := strings.ToLower(strings.TrimSuffix(q.Get("endpoint"), "/"))
	return [...]string{endpoint, q.Get("storage_account"), q.Get("domain")}
}

// resolved follows symbolic links as far as the path is there.
func resolved(path string) string {
	rest := ""
	for at := path; ; {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(at)
		if up == at {
			return path
		}
		at, rest = up, filepath.Join(filepath.Base(at), rest)
	}
}

func slashed(path string) string { return strings.TrimSuffix(filepath.ToSlash(path), "/") + "/" }

var secret = regexp.MustCompile(`(?i)key|secret|token|sig|pass|cred`)

// Redacted returns a URL without a password, and without parameters that may hold secrets.
func Redacted(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	u.User = nil
	query := u.Query()
	for name := range query {
		if secret.MatchString(name) {
			delete(query, name)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Folder returns the absolute path of a file:// URL.
func Folder(rawURL string) (string, bool) {
	u, err := parse(rawURL)
	if err != nil || u.Scheme != "file" {
		return "", false
	}
	path, err := filepath.Abs(dirOf(u))
	return path, err == nil
}

// Close closes what was only read: nothing depends on how that ends.
func Close(c io.Closer) { c.Close() }
