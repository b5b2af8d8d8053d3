package listen

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/keypair"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/logs"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/internal/settings"
)

// Flags are the flags of a server.
type Flags struct {
	addr, admin                    string
	cert, key                      string
	trusted                        []string
	shutdownDelay, shutdownTimeout time.Duration
	logs                           logs.Flags
}

// Add adds the flags.
func (o *Flags) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on this `address`")
	f.StringVar(&o.admin, "admin", "", "answer /healthz, /readyz and /metrics on this `address`, which only the operator's network should reach (default: nowhere)")
	f.StringVar(&o.cert, "tls-cert", "", "serve HTTPS with the certificate in this `file` of PEM; it is read again when it changes")
	f.StringVar(&o.key, "tls-key", "", "the `file` of the certificate's key")
	f.StringArrayVar(&o.trusted, "trusted-proxy", nil, "believe the X-Forwarded-* and Forwarded headers of load balancers in this `network`, such as 10.0.0.0/8; may be given more than once")
	f.DurationVar(&o.shutdownDelay, "shutdown-delay", 0, "after SIGTERM go on for this long, with /readyz saying no, before new connections are refused")
	f.DurationVar(&o.shutdownTimeout, "shutdown-timeout", 25*time.Second, "how long requests under way may then take to end")
	o.logs.Add(f)
}

// Open makes a server of the flags, which listens nowhere yet. receive is how long a whole
// upload may take.
func (o *Flags) Open(cmd *cobra.Command, receive time.Duration) (*Server, error) {
	log, flush, err := o.logs.Open(cmd.ErrOrStderr())
	errs := []error{err}
	proxies, err := trust.Parse(o.trusted)
	errs = append(errs, err)
	if o.shutdownDelay < 0 || o.shutdownTimeout < 0 {
		errs = append(errs, errors.New("--shutdown-delay and --shutdown-timeout must not be negative"))
	}
	var pair *keypair.Pair
	if o.cert != "" || o.key != "" {
		pair, err = keypair.Load(o.cert, o.key, log)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, name := range settings.Unknown(cmd, os.Environ()) {
		log.Warn("a variable of the environment is no setting", "name", name)
	}
	s := &Server{Log: log, flush: flush, flags: *o, pair: pair, receive: receive}
	s.entry.Proxies, s.entry.Log = proxies, log
	s.stdout = cmd.OutOrStdout()
	return s, nil
}

// url returns what is printed of an address.
func (o *Flags) url(addr fmt.Stringer) string {
	if o.cert != "" {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}
