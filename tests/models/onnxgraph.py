"""A small helper for writing ONNX graphs by hand (opset 11, IR version 6).

Needs numpy and onnx. Names are counted, weights are written as given and the
model carries no date, so the same calls give the same bytes.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 11, 6


class Graph:
    def __init__(self, name):
        self.name = name
        self.nodes, self.inits, self.inputs, self.outputs = [], [], [], []
        self.uid = 0

    # ---- inputs, outputs, constants -----------------------------------------
    def fresh(self, hint):
        self.uid += 1
        return f'{hint}_{self.uid}'

    def input(self, name, shape, dtype=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, value, name, shape):
        """Name `value` as an output of the graph (float32)."""
        self.op('Identity', [value], out=name)
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def f32(self, values, name=None):
        return self.tensor(np.asarray(values, np.float32), name)

    def i64(self, values):
        return self.tensor(np.asarray(values, np.int64))

    def tensor(self, array, name=None):
        name = name or self.fresh('c')
        self.inits.append(numpy_helper.from_array(np.ascontiguousarray(array), name)
                          if array.ndim else numpy_helper.from_array(array, name))
        return name

    # ---- operators ----------------------------------------------------------
    def op(self, kind, ins, out=None, **attrs):
        out = out or self.fresh(kind.lower())
        self.nodes.append(helper.make_node(kind, ins, [out], name=f'{kind}_{len(self.nodes)}',
                                           **attrs))
        return out

    def operand(self, v):
        return v if isinstance(v, str) else self.f32(v)

    def add(self, a, b):
        return self.op('Add', [self.operand(a), self.operand(b)])

    def sub(self, a, b):
        return self.op('Sub', [self.operand(a), self.operand(b)])

    def mul(self, a, b):
        return self.op('Mul', [self.operand(a), self.operand(b)])

    def div(self, a, b):
        return self.op('Div', [self.operand(a), self.operand(b)])

    def clip(self, a, low, high):
        return self.op('Clip', [a, self.f32(low), self.f32(high)])

    def relu(self, a):
        return self.op('Relu', [a])

    def absolute(self, a):
        return self.op('Abs', [a])

    def concat(self, values, axis):
        return self.op('Concat', values, axis=axis)

    def reshape(self, a, shape):
        return self.op('Reshape', [a, self.i64(shape)])

    def greater(self, a, b):
        """1 where a > b, otherwise 0, as float."""
        truth = self.op('Greater', [self.operand(a), self.operand(b)])
        return self.op('Cast', [truth], to=TensorProto.FLOAT)

    def reduce(self, kind, a, axes, keepdims=1):
        return self.op('Reduce' + kind, [a], axes=axes, keepdims=keepdims)

    def slice(self, a, axis, start, end, step=1):
        return self.op('Slice', [a, self.i64([start]), self.i64([end]), self.i64([axis]),
                                 self.i64([step])])

    def ramp(self, n, shape):
        """0, 1, ... n-1 as float, made by the runtime and not stored."""
        r = self.op('Range', [self.f32(0), self.f32(n), self.f32(1)])
        return self.reshape(r, shape)

    # ---- result -------------------------------------------------------------
    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.inits)
        model = helper.make_model(graph, producer_name='facedeck-tests',
                                  opset_imports=[helper.make_opsetid('', OPSET)])
        model.ir_version = IR_VERSION
        return model

    def save(self, path):
        # In onnxruntime 1.18.1 a result that nobody read was seen to overwrite another's
        # memory from the second run on.
        read = {name for n in self.nodes for name in n.input} | {o.name for o in self.outputs}
        unread = [o for n in self.nodes for o in n.output if o not in read]
        assert not unread, f'{path}: nobody reads {unread}'
        with open(path, 'wb') as f:
            f.write(self.model().SerializeToString(deterministic=True))
        onnx.checker.check_model(path, full_check=True)
