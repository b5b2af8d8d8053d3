package validate

// Held returns how many bytes calls with l hold of what they read, and how many slots they have.
func Held(l *Limiter) (bytes int64, slots int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.used, len(l.slots)
}
