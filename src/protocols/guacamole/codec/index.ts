export { checkInstruction, isKnownOpcode, type Sender } from "./opcodes.js";
export {
  createInstructionParser,
  ELEMENTS_MAX,
  INSTRUCTION_BYTES_MAX,
  type InstructionParser,
} from "./parser.js";
