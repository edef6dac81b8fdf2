/** The verbs of the command line, one class each. They parse options, ask a view, and print. */
package io.kledger.cli.command;
