// Package trust finds who a client is behind load balancers that are trusted, and writes the
// headers that tell a service.
package trust
