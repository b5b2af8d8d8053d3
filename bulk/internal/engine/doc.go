// Package engine schedules shards with NATS JetStream, in the process or beside it.
//
// The engine only schedules. What is done is in the bucket, as parts; a stream that is lost costs
// the time to publish what is missing again.
//
// One work-queue stream has the messages of all jobs, a subject each; each job has one durable
// consumer, which all its workers share. A worker takes a message, says every third of AckWait
// that it is at work, writes the part, and acknowledges then. A worker that dies says nothing any
// more, and the message goes to another. The third delivery of a message means that two workers
// ended over it, lost their connection or handed it back: the shard is halved, and so on, until one
// object stands alone. That one is read with nothing else at work in the process, so that it does
// not pay for another. If that ends two workers, it is not read again, and its line says so.
package engine
