package middleware

// Defaults returns o with its defaults filled in.
func Defaults(o Options) Options { return o.withDefaults() }
