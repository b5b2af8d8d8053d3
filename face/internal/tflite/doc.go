// Package tflite reads neural networks in TensorFlow Lite's format: FlatBuffers
// with the file identifier TFL3, as tensorflow/lite/schema/schema.fbs of
// TensorFlow 2 lays them out.
//
// It knows the operators of the two face nets. It refuses every other operator, every field that
// it does not read and that would change a result (dilation, quantized and sparse tensors,
// several subgraphs), and every file that points outside itself. It checks only the structure;
// package nn checks the shapes.
//
// Reading takes at most a few times the file's size in memory, whatever the file says.
package tflite
