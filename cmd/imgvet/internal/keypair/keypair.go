package keypair

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often the files are looked at, at most: a handshake in between takes the pair
// that is loaded.
const lookEvery = time.Second

// Pair is a certificate and its key, out of two files.
type Pair struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex
	loaded *tls.Certificate
	seen   [2]stamp // of the files that loaded came from
	bad    string   // why the files of now could not be loaded, "" if they could
	looked time.Time
}

// stamp tells one state of a file from another.
type stamp struct {
	size    int64
	changed time.Time
	info    os.FileInfo // for os.SameFile: renewals often put another file in its place
}

func (s stamp) same(t stamp) bool {
	return s.size == t.size && s.changed.Equal(t.changed) && s.info != nil && t.info != nil && os.SameFile(s.info, t.info)
}

// Load reads a pair in PEM.
func Load(cert, key string, log *slog.Logger) (*Pair, error) {
	if cert == "" || key == "" {
		return nil, errors.New("--tls-cert and --tls-key go together: both or none")
	}
	p := &Pair{cert: cert, key: key, log: log, now: time.Now}
	p.seen, _ = p.stamps() // before they are read, so that a renewal meanwhile is noticed later
	loaded, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	p.loaded, p.looked = &loaded, p.now()
	return p, nil
}

// Config returns what a server needs: each handshake gets the pair of then, and connections that
// stand keep theirs.
func (p *Pair) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.current(), nil },
	}
}

// current returns the pair on disk; the one before, if that is no good.
func (p *Pair) current() *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.looked) < lookEvery {
		return p.loaded
	}
	p.looked = now
	seen, err := p.stamps()
	if err == nil && p.bad == "" && seen[0].same(p.seen[0]) && seen[1].same(p.seen[1]) {
		return p.loaded
	}
	var loaded tls.Certificate
	if err == nil {
		loaded, err = tls.LoadX509KeyPair(p.cert, p.key)
	}
	if err != nil {
		// It is tried again at the next look, since the files may be written right now.
		if why := err.Error(); why != p.bad {
			p.log.Error("the new certificate cannot be used, the old one stays", "error", err)
			p.bad = why
		}
		return p.loaded
	}
	p.loaded, p.seen, p.bad = &loaded, seen, ""
	p.log.Info("a new certificate is in use", "subject", loaded.Leaf.Subject.String(), "until", loaded.Leaf.NotAfter)
	return p.loaded
}

// stamps returns the state of both files.
func (p *Pair) stamps() ([2]stamp, error) {
	var s [2]stamp
	for i, name := range []string{p.cert, p.key} {
		info, err := os.Stat(name)
		if err != nil {
			return [2]stamp{}, err
		}
		s[i] = stamp{info.Size(), info.ModTime(), info}
	}
	return s, nil
}
