// Package proxy is "imgvet proxy": the middleware before a service in any language. It
// decides which headers reach the service, and what a client is told where the
// service does not answer.
package proxy
