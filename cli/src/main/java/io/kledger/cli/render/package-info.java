/** Sheets as tables, JSON and lines of JSON; nothing here knows what the values mean. */
package io.kledger.cli.render;
