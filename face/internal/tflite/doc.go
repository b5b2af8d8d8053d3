// Package tflite reads neural networks in TensorFlow Lite's format: FlatBuffers
// with the file identifier TFL3, as tensorflow/lite/schema/schema.fbs of
// TensorFlow 2 lays them out.
//
// It knows the operators of the two face nets and refuses every other one, every
// field that it does not read and that would change a result (dilation, quantized
// and sparse tensors, several subgraphs), and every file that points outside itself. It
// checks the structure only; what the shapes must be is package nn's to check.
//
// Reading costs no more than a few times the file's size in memory, whatever the file says.
package tflite
