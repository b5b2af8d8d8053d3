package middleware

// Defaults returns o with its defaults filled in.
func Defaults(o Options) Options { return o.withDefaults() }

// Forget lets go of the buffers that m keeps for later bodies.
func Forget(m *Middleware) {
	for range 2 {
		m.store.memory.trim()
		m.store.verifying.trim()
	}
}
