package middleware

// Defaults shows what the zero fields of o stand for.
func Defaults(o Options) Options { return o.withDefaults() }
